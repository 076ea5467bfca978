/** Kiln and a Java runtime in one archive, for machines without a JDK. */
package kiln.launcher.bundle;
