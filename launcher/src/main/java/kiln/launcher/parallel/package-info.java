/** How ranks divide weights, gradients and the optimizer's state among themselves, and join what they computed. */
package kiln.launcher.parallel;
