/** T5, its encoder alone and with its decoder, which is also ByT5: Raffel et al. 2020, Xue et al. 2022. */
package kiln.model.network.t5;
