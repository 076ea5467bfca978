/*
 * Attention without a matrix of scores, in blocks that stay in the cache (Dao 2023, FlashAttention-2). Operation: Attention.
 *
 * A task owns some queries of one head and walks over the keys, block by block: scores [keys, queries], a softmax over the keys
 * seen so far, and the product with the values, which rescales what was summed before. Queries lie along the vectors, so the
 * softmax needs no sums across a register.
 */
#include <float.h>

#include "attention.h"
#include "attention_extras.h"
#include "kernels.h"
#include "threads.h"
#include "vectors.h"

/* What a thread works in. Blocks of queries lie one after another. */
typedef struct {
  float *queries;  /* [blocks, d, KILN_BLOCK], transposed */
  float *sums;     /* [blocks, KILN_BLOCK, dv]: the result times the sum of the weights */
  float *keys;     /* [KILN_BLOCK, d] */
  float *values;   /* [KILN_BLOCK, dv] */
  float *scores;   /* [KILN_BLOCK keys, KILN_BLOCK queries], in place weights */
  float *spread;   /* as scores, for bias and mask */
  float *largest;  /* [blocks, KILN_BLOCK]: of the scores so far */
  float *totals;   /* [blocks, KILN_BLOCK]: of the weights so far */
  float *factors;  /* [KILN_BLOCK] */
} space;

static int64_t carve(const kiln_attention_shape *s, int64_t blocks, char *memory, space *w) {
  kiln_scratch scratch = {memory};
  int64_t depth = kiln_packed(kiln_is_bf16(s), s->d), dv = kiln_row_up(s->dv);
  w->queries = kiln_take(&scratch, blocks * depth * KILN_BLOCK);
  w->sums = kiln_take(&scratch, blocks * KILN_BLOCK * dv);
  w->keys = kiln_take(&scratch, KILN_BLOCK * kiln_row_up(depth));
  w->values = kiln_take(&scratch, KILN_BLOCK * dv);
  w->scores = kiln_take(&scratch, KILN_BLOCK * KILN_BLOCK);
  w->spread = kiln_take(&scratch, KILN_BLOCK * KILN_BLOCK);
  w->largest = kiln_take(&scratch, blocks * KILN_BLOCK);
  w->totals = kiln_take(&scratch, blocks * KILN_BLOCK);
  w->factors = kiln_take(&scratch, KILN_BLOCK);
  return scratch.next - memory;
}

/* Blocks of queries of a task: several, so that packed keys serve more than once, but not more than the second-level cache
 * holds, nor so many that threads have nothing to do. */
static int64_t blocks_of_task(const kiln_attention_shape *s) {
  int64_t blocks = kiln_min(kiln_ceil_div(s->lq, KILN_BLOCK), kiln_max(1, 256 / kiln_max(s->d, s->dv)));
  while (blocks > 1 && s->batch * s->heads * kiln_ceil_div(s->lq, blocks * KILN_BLOCK) < 4 * s->threads) blocks--;
  return blocks;
}

int64_t kiln_attention_scratch(const int64_t *shape) {
  const kiln_attention_shape *s = (const kiln_attention_shape *)shape;
  space w;
  return s->threads * carve(s, blocks_of_task(s), NULL, &w);
}

/* Scores become weights 2^(score - largest), as pairs of keys if bf16. Columns are queries, up to a multiple of KILN_ROW. */
KILN_INLINE void weigh(int bf16, float *scores, int64_t keys, int64_t columns, float *largest, float *totals, float *factors) {
  for (int64_t column = 0; column < columns; column += KILN_LANES) {
    float *at = scores + column;
    kiln_floats before = kiln_load(largest + column);
    kiln_floats most = before;
    kiln_floats other = before;
    for (int64_t k = 0; k + 2 <= keys; k += 2) {
      most = kiln_larger(kiln_load(at + k * KILN_BLOCK), most);
      other = kiln_larger(kiln_load(at + (k + 1) * KILN_BLOCK), other);
    }
    most = kiln_larger(kiln_load(at + (keys - 1) * KILN_BLOCK), kiln_larger(most, other));
    kiln_floats factor = kiln_exp2(before - most);
    kiln_floats total = factor * kiln_load(totals + column);
    int64_t k = 0;
    for (; k + 2 <= keys; k += 2) {
      kiln_floats first = kiln_exp2(kiln_load(at + k * KILN_BLOCK) - most);
      kiln_floats second = kiln_exp2(kiln_load(at + (k + 1) * KILN_BLOCK) - most);
      total += first + second;
      if (bf16) {
        kiln_store(at + k / 2 * KILN_BLOCK, (kiln_floats)kiln_pair_bf16(first, second));
      } else {
        kiln_store(at + k * KILN_BLOCK, first);
        kiln_store(at + (k + 1) * KILN_BLOCK, second);
      }
    }
    if (k < keys) {
      kiln_floats last = kiln_exp2(kiln_load(at + k * KILN_BLOCK) - most);
      total += last;
      kiln_store(at + (bf16 ? k / 2 : k) * KILN_BLOCK, bf16 ? (kiln_floats)kiln_pair_bf16(last, (kiln_floats){0}) : last);
    }
    kiln_store(largest + column, most);
    kiln_store(totals + column, total);
    kiln_store(factors + column, factor);
  }
}

/* One block of queries against one block of keys, which are packed. */
static void attend(const kiln_attention_shape *s, const kiln_extras *extras, float scale, const kiln_block *block, space *w) {
  int64_t depth = kiln_packed(kiln_is_bf16(s), s->d), dv = kiln_row_up(s->dv), columns = kiln_row_up(block->queries);
  kiln_product scores = {.rows = block->keys, .columns = columns, .depth = depth,
                         .a = w->keys, .row_step = kiln_row_up(depth), .depth_step = 1,
                         .b = w->queries, .b_step = KILN_BLOCK,
                         .c = w->scores, .c_step = KILN_BLOCK,
                         .accumulation = kiln_overwrite, .scale = scale * KILN_LOG2_E};
  kiln_block_product(&scores, kiln_is_bf16(s));
  kiln_extras_by_key(s, extras, block, w->scores, w->spread);
  if (kiln_is_bf16(s)) {
    weigh(1, w->scores, block->keys, columns, w->largest, w->totals, w->factors);
  } else {
    weigh(0, w->scores, block->keys, columns, w->largest, w->totals, w->factors);
  }
  kiln_product sums = {.rows = block->queries, .columns = s->dv, .depth = kiln_packed(kiln_is_bf16(s), block->keys),
                       .a = w->scores, .row_step = 1, .depth_step = KILN_BLOCK,
                       .b = w->values, .b_step = dv,
                       .c = w->sums, .c_step = dv,
                       .accumulation = block->first_key == 0 ? kiln_overwrite : kiln_rescale, .scale = 1,
                       .factors = w->factors};
  kiln_block_product(&sums, kiln_is_bf16(s));
}

/* The workspace of the i-th block of queries. */
static space block_space(const kiln_attention_shape *s, const space *w, int64_t i) {
  space one = *w;
  one.queries += i * kiln_packed(kiln_is_bf16(s), s->d) * KILN_BLOCK;
  one.sums += i * KILN_BLOCK * kiln_row_up(s->dv);
  one.largest += i * KILN_BLOCK;
  one.totals += i * KILN_BLOCK;
  return one;
}

static void begin(const kiln_attention_shape *s, const void *q, const kiln_block *block, space *w) {
  kiln_rows queries = kiln_head(s, q, s->lq, s->d, block->b, block->h, block->first_query, block->queries);
  kiln_pack_transposed(&queries, w->queries, KILN_BLOCK);
  for (int64_t i = 0; i < KILN_BLOCK; i++) {
    w->largest[i] = -FLT_MAX;
    w->totals[i] = 0;
  }
}

static void finish(const kiln_attention_shape *s, const kiln_block *block, space *w, void *y, float *log_sum_exp) {
  float *log_sums = log_sum_exp + (block->b * s->heads + block->h) * s->lq + block->first_query;
  for (int64_t i = 0; i < block->queries; i++) {
    log_sums[i] = w->largest[i] <= KILN_DROPPED ? -FLT_MAX : KILN_LN_2 * (w->largest[i] + log2f(w->totals[i]));
    w->factors[i] = 1.0f / w->totals[i];
  }
  kiln_rows rows = kiln_head(s, y, s->lq, s->dv, block->b, block->h, block->first_query, block->queries);
  kiln_unpack_rows(w->sums, kiln_row_up(s->dv), rows.rows, rows.width, w->factors, 0, (void *)rows.data, rows.step, rows.bf16);
}

/*
 * y [batch, lq, heads * dv] and the logarithm of every row's sum of exponentials [batch, heads, lq], -FLT_MAX where all keys are
 * dropped. bias and mask may be NULL. scratch has kiln_attention_scratch(shape) bytes.
 */
void kiln_attention(const void *q, const void *k, const void *v, const float *bias, const int32_t *mask, void *y,
                    float *log_sum_exp, char *scratch, const int64_t *shape, float scale) {
  const kiln_attention_shape *s = (const kiln_attention_shape *)shape;
  kiln_extras extras = {bias, mask};
  int64_t blocks = blocks_of_task(s);
  int64_t parts = kiln_ceil_div(s->lq, blocks * KILN_BLOCK);
#pragma omp parallel for collapse(3) schedule(dynamic) num_threads((int)s->threads)
  for (int64_t b = 0; b < s->batch; b++) {
    for (int64_t h = 0; h < s->heads; h++) {
      for (int64_t part = 0; part < parts; part++) {
        space w;
        int64_t bytes = carve(s, blocks, NULL, &w);
        carve(s, blocks, scratch + kiln_thread() * bytes, &w);
        int64_t first = part * blocks * KILN_BLOCK, end = kiln_min(first + blocks * KILN_BLOCK, s->lq);
        for (int64_t key = 0; key < s->lk; key += KILN_BLOCK) {
          kiln_block block = {.b = b, .h = h, .first_key = key, .keys = kiln_min(KILN_BLOCK, s->lk - key)};
          kiln_rows keys = kiln_head(s, k, s->lk, s->d, b, h, key, block.keys);
          kiln_rows values = kiln_head(s, v, s->lk, s->dv, b, h, key, block.keys);
          kiln_pack_rows(&keys, w.keys, kiln_row_up(kiln_packed(kiln_is_bf16(s), s->d)));
          kiln_pack_depth(&values, w.values, kiln_row_up(s->dv));
          for (int64_t query = first; query < end; query += KILN_BLOCK) {
            space one = block_space(s, &w, (query - first) / KILN_BLOCK);
            block.first_query = query;
            block.queries = kiln_min(KILN_BLOCK, end - query);
            if (key == 0) begin(s, q, &block, &one);
            attend(s, &extras, scale, &block, &one);
            if (key + block.keys == s->lk) finish(s, &block, &one, y, log_sum_exp);
          }
        }
      }
    }
  }
}
