/** Whether a machine has what Kiln needs and can use. */
package kiln.launcher.doctor;
