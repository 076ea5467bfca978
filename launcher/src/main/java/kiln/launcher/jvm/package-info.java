/** The JVM that Kiln runs in: the options it needs, and starting it again with them. */
package kiln.launcher.jvm;
