/** From captions to pictures, in phases that each need one network only. */
package kiln.model.pipeline;
