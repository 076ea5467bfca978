/** Where the time of training steps goes: traces of every launch, and tables of the slowest. */
package kiln.launcher.profile;
