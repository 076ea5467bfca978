/** The encoder of T5 v1.1, which is also that of ByT5: Raffel et al. 2020, Xue et al. 2022. */
package kiln.model.network.t5;
