/*
 * The gradient of attention, again in blocks: the weights are computed anew from the scores and the logarithm of every row's
 * sum of exponentials (Dao 2023, FlashAttention-2, algorithm 2). Operation: AttentionGrad.
 *
 * A task owns a chunk of the keys of one head, and with them their gradients; it walks over the queries for every block of its
 * keys. What the queries' gradient gains from a chunk is summed apart, and these sums are added in the order of the chunks:
 * the number of chunks depends on the shape only, so the result does not depend on the threads. A bias that the batch shares
 * makes a task walk over the batch as well, so that it owns the bias' gradient too.
 */
#include <float.h>
#include <string.h>

#include "attention.h"
#include "attention_extras.h"
#include "kernels.h"
#include "threads.h"
#include "vectors.h"

/* Enough tasks for a processor of this many cores, unless their sums of the queries' gradient take more than so many bytes. */
#define TASKS 16
#define MAX_BYTES_OF_SUMS (32 << 20)

/* Keys of a block. The more, the less often the queries and their gradient are read from beyond the second-level cache, which
 * has to hold what belongs to the keys. */
static int64_t key_block(const kiln_attention_shape *s) { return kiln_max(s->d, s->dv) <= 128 ? 128 : 64; }

/* What a thread works in. Each element of d, dv, queries or keys that pairs run along counts half if bf16. */
typedef struct {
  float *keys_across;    /* [d, keys of a block] */
  float *values_across;  /* [dv, keys] */
  float *keys;           /* [keys, d], pairs of keys */
  float *key_sums;       /* [keys, d], the gradient */
  float *value_sums;     /* [keys, dv], the gradient */
  float *queries;        /* [KILN_BLOCK, d], pairs along d */
  float *queries_deep;   /* [KILN_BLOCK, d], pairs of queries: the same memory unless bf16 */
  float *gradients;      /* of the result: [KILN_BLOCK, dv], pairs along dv */
  float *gradients_deep; /* pairs of queries */
  float *scores;         /* [KILN_BLOCK queries, keys], in place weights, in place pairs of queries */
  float *slopes;         /* as scores: the gradient of the weights, in place that of the scores */
  float *slopes_deep;    /* the latter as pairs of keys: the same memory unless bf16 */
  const float *shifts;   /* [lq], of the head: the logarithm of the row's sum of exponentials, in units of ln 2 */
  const float *means;    /* [lq], of the head: the row's mean of the weights' gradient */
  float *query_sums;     /* [lq, d], the gradient, if there is one chunk */
} space;

/* Whether the bias' gradient is a sum over the batch. */
static int shares_bias(const kiln_attention_shape *s) { return s->bias_batch == 1 && s->batch > 1; }

static int64_t num_chunks(const kiln_attention_shape *s) {
  int64_t tasks = s->heads * (shares_bias(s) ? 1 : s->batch);
  int64_t bytes = s->batch * s->heads * s->lq * kiln_row_up(s->d) * 4;
  int64_t chunks = kiln_min(kiln_ceil_div(TASKS, tasks), kiln_max(2, MAX_BYTES_OF_SUMS / bytes));
  return kiln_max(1, kiln_min(chunks, kiln_ceil_div(s->lk, KILN_BLOCK)));
}

/* Keys of a chunk; the last has fewer. */
static int64_t chunk_keys(const kiln_attention_shape *s) {
  return kiln_ceil_div(kiln_ceil_div(s->lk, num_chunks(s)), KILN_BLOCK) * KILN_BLOCK;
}

static int64_t sums_elements(const kiln_attention_shape *s) {
  return kiln_ceil_div(s->lq, KILN_BLOCK) * KILN_BLOCK * kiln_row_up(s->d);
}

static int64_t carve(const kiln_attention_shape *s, char *memory, space *w) {
  kiln_scratch scratch = {memory};
  int bf16 = kiln_is_bf16(s);
  int64_t d = kiln_row_up(s->d), dv = kiln_row_up(s->dv), keys = key_block(s), scores = KILN_BLOCK * keys;
  w->keys_across = kiln_take(&scratch, kiln_packed(bf16, s->d) * keys);
  w->values_across = kiln_take(&scratch, kiln_packed(bf16, s->dv) * keys);
  w->keys = kiln_take(&scratch, kiln_packed(bf16, keys) * d);
  w->key_sums = kiln_take(&scratch, keys * d);
  w->value_sums = kiln_take(&scratch, keys * dv);
  w->queries = kiln_take(&scratch, KILN_BLOCK * d);
  w->gradients = kiln_take(&scratch, KILN_BLOCK * dv);
  w->scores = kiln_take(&scratch, scores);
  w->slopes = kiln_take(&scratch, scores);
  w->queries_deep = bf16 ? kiln_take(&scratch, KILN_BLOCK / 2 * d) : w->queries;
  w->gradients_deep = bf16 ? kiln_take(&scratch, KILN_BLOCK / 2 * dv) : w->gradients;
  w->slopes_deep = bf16 ? kiln_take(&scratch, scores / 2) : w->slopes;
  w->shifts = w->means = NULL;
  w->query_sums = num_chunks(s) == 1 ? kiln_take(&scratch, sums_elements(s)) : NULL;
  return scratch.next - memory;
}

/* Elements of the sums of all chunks, if there are several. */
static int64_t all_sums_elements(const kiln_attention_shape *s) {
  return num_chunks(s) == 1 ? 0 : s->batch * s->heads * num_chunks(s) * sums_elements(s);
}

int64_t kiln_attention_grad_scratch(const int64_t *shape) {
  const kiln_attention_shape *s = (const kiln_attention_shape *)shape;
  space w;
  int64_t rows = s->batch * s->heads * s->lq;
  return s->threads * carve(s, NULL, &w) + (all_sums_elements(s) + 2 * rows) * 4;
}

typedef struct {
  const kiln_attention_shape *s;
  const void *q, *k, *v;
  kiln_extras extras;
  const void *y;
  const float *log_sum_exp;
  const void *dy;
  void *dq, *dk, *dv;
  float *dbias;
  float scale;
} arguments;

/* Sum over i of a[i] * b[i]. */
static float dot(int bf16, const void *a, const void *b, int64_t n) {
  float sum = 0;
  if (bf16) {
    const uint16_t *x = a, *y = b;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) sum += kiln_bf16_load(x[i]) * kiln_bf16_load(y[i]);
  } else {
    const float *x = a, *y = b;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) sum += x[i] * y[i];
  }
  return sum;
}

/* The statistics of a block of rows of a head: shifts and means. A mean is that of dy * y summed along the head. */
static void prepare_rows(const arguments *a, int64_t b, int64_t h, int64_t first, float *shifts, float *means) {
  const kiln_attention_shape *s = a->s;
  const float *log_sums = a->log_sum_exp + (b * s->heads + h) * s->lq;
  for (int64_t i = first; i < kiln_min(first + KILN_BLOCK, s->lq); i++) {
    shifts[i] = log_sums[i] == -FLT_MAX ? KILN_DROPPED : KILN_LOG2_E * log_sums[i];
    kiln_rows y = kiln_head(s, a->y, s->lq, s->dv, b, h, i, 1);
    kiln_rows dy = kiln_head(s, a->dy, s->lq, s->dv, b, h, i, 1);
    means[i] = dot(kiln_is_bf16(s), y.data, dy.data, s->dv);
  }
}

/* What a row's weights and their gradient are computed with. A row whose keys are all dropped weighs them evenly. */
typedef struct {
  float shift, mean, most;
} row_statistics;

static row_statistics statistics(const kiln_attention_shape *s, const space *w, int64_t query) {
  float shift = w->shifts[query];
  return (row_statistics){shift, w->means[query], shift == KILN_DROPPED ? 1.0f / (float)s->lk : 1.0f};
}

KILN_INLINE kiln_floats weights_of(const row_statistics *row, const float *scores) {
  return row->most * kiln_exp2(kiln_load(scores) - row->shift);
}

KILN_INLINE kiln_floats slopes_of(const row_statistics *row, kiln_floats weights, const float *slopes) {
  return weights * (kiln_load(slopes) - row->mean);
}

/* From scores and the gradient of the weights to weights and the gradient of the scores, in place. Columns are keys, up to a
 * multiple of KILN_ROW. */
static void weigh(const kiln_attention_shape *s, const space *w, const kiln_block *block, int64_t columns, int64_t step) {
  for (int64_t row = 0; row < block->queries; row++) {
    row_statistics of = statistics(s, w, block->first_query + row);
    float *scores = w->scores + row * step, *slopes = w->slopes + row * step;
    for (int64_t column = 0; column < columns; column += KILN_LANES) {
      kiln_floats weights = weights_of(&of, scores + column);
      kiln_store(scores + column, weights);
      kiln_store(slopes + column, slopes_of(&of, weights, slopes + column));
    }
  }
}

/* The gradient of the bias [bias_batch, heads, lq, lk] is that of the scores. */
static void add_bias_grad(const arguments *a, const space *w, const kiln_block *block) {
  const kiln_attention_shape *s = a->s;
  int64_t b = shares_bias(s) ? 0 : block->b;
  for (int64_t row = 0; row < block->queries; row++) {
    float *to = a->dbias + ((b * s->heads + block->h) * s->lq + block->first_query + row) * s->lk + block->first_key;
    const float *slopes = w->slopes + row * key_block(s);
    if (b < block->b) {
#pragma omp simd
      for (int64_t k = 0; k < block->keys; k++) to[k] += slopes[k];
    } else {
      memcpy(to, slopes, (size_t)block->keys * 4);
    }
  }
}

/* Stores, of two rows, weights and the gradient of the scores as pairs of bfloat16. */
KILN_INLINE void store_pairs(const space *w, int64_t row, int64_t column, int64_t step, kiln_floats weights,
                             kiln_floats next_weights, kiln_floats slopes, kiln_floats next_slopes) {
  uint16_t *deep = (uint16_t *)w->slopes_deep + row * step + column;
  int64_t pairs = row / 2 * step + column;
  kiln_store(w->scores + pairs, (kiln_floats)kiln_pair_bf16(weights, next_weights));
  kiln_store(w->slopes + pairs, (kiln_floats)kiln_pair_bf16(slopes, next_slopes));
  kiln_store_bf16(deep, slopes);
  kiln_store_bf16(deep + step, next_slopes);
}

/* As weigh, but what becomes of it is pairs of bfloat16: of queries in place, of keys in slopes_deep. An odd last row is
 * completed with zero. */
static void weigh_pairs(const kiln_attention_shape *s, const space *w, const kiln_block *block, int64_t columns, int64_t step) {
  int64_t row = 0;
  for (; row + 2 <= block->queries; row += 2) {
    row_statistics of = statistics(s, w, block->first_query + row), next = statistics(s, w, block->first_query + row + 1);
    for (int64_t column = 0; column < columns; column += KILN_LANES) {
      int64_t at = row * step + column;
      kiln_floats weights = weights_of(&of, w->scores + at), next_weights = weights_of(&next, w->scores + at + step);
      kiln_floats slopes = slopes_of(&of, weights, w->slopes + at);
      store_pairs(w, row, column, step, weights, next_weights, slopes, slopes_of(&next, next_weights, w->slopes + at + step));
    }
  }
  if (row < block->queries) {
    row_statistics of = statistics(s, w, block->first_query + row);
    for (int64_t column = 0; column < columns; column += KILN_LANES) {
      kiln_floats weights = weights_of(&of, w->scores + row * step + column), none = {0};
      store_pairs(w, row, column, step, weights, none, slopes_of(&of, weights, w->slopes + row * step + column), none);
    }
  }
}

/* The same of weights and the gradient of the scores that are there already. */
static void narrow(const space *w, const kiln_block *block, int64_t columns, int64_t step) {
  for (int64_t row = 0; row < block->queries; row += 2) {
    int both = row + 1 < block->queries;
    for (int64_t column = 0; column < columns; column += KILN_LANES) {
      const float *scores = w->scores + row * step + column, *slopes = w->slopes + row * step + column;
      kiln_floats next_weights = both ? kiln_load(scores + step) : (kiln_floats){0};
      kiln_floats next_slopes = both ? kiln_load(slopes + step) : (kiln_floats){0};
      store_pairs(w, row, column, step, kiln_load(scores), next_weights, kiln_load(slopes), next_slopes);
    }
  }
}

/* Weights and the gradient of the scores of a block, from packed queries, keys, values and gradients. */
static void differentiate(const arguments *a, const space *w, const kiln_block *block) {
  const kiln_attention_shape *s = a->s;
  int bf16 = kiln_is_bf16(s);
  int64_t columns = kiln_row_up(block->keys), step = key_block(s);
  kiln_product scores = {.rows = block->queries, .columns = columns, .depth = kiln_packed(bf16, s->d),
                         .a = w->queries, .row_step = kiln_row_up(kiln_packed(bf16, s->d)), .depth_step = 1,
                         .b = w->keys_across, .b_step = step, .c = w->scores, .c_step = step,
                         .accumulation = kiln_overwrite, .scale = a->scale * KILN_LOG2_E};
  kiln_product slopes = {.rows = block->queries, .columns = columns, .depth = kiln_packed(bf16, s->dv),
                         .a = w->gradients, .row_step = kiln_row_up(kiln_packed(bf16, s->dv)), .depth_step = 1,
                         .b = w->values_across, .b_step = step, .c = w->slopes, .c_step = step,
                         .accumulation = kiln_overwrite, .scale = 1};
  kiln_block_product(&scores, bf16);
  kiln_block_product(&slopes, bf16);
  kiln_extras_by_query(s, &a->extras, block, w->scores, step);
  for (int64_t row = 0; row < block->queries; row++) {
    for (int64_t k = block->keys; k < columns; k++) w->scores[row * step + k] = KILN_DROPPED;
  }
  if (bf16 && a->dbias == NULL) {
    weigh_pairs(s, w, block, columns, step);
    return;
  }
  weigh(s, w, block, columns, step);
  if (a->dbias != NULL) add_bias_grad(a, w, block);
  if (bf16) narrow(w, block, columns, step);
}

/* Adds what a block gives to the three gradients. */
static void accumulate(const kiln_attention_shape *s, const space *w, const kiln_block *block, int64_t chunk_start) {
  int bf16 = kiln_is_bf16(s);
  int64_t d = kiln_row_up(s->d), dv = kiln_row_up(s->dv);
  enum kiln_accumulation over_queries = block->first_query == 0 ? kiln_overwrite : kiln_add;
  kiln_product values = {.rows = block->keys, .columns = s->dv, .depth = kiln_packed(bf16, block->queries),
                         .a = w->scores, .row_step = 1, .depth_step = key_block(s),
                         .b = w->gradients_deep, .b_step = dv, .c = w->value_sums, .c_step = dv,
                         .accumulation = over_queries, .scale = 1};
  kiln_product keys = {.rows = block->keys, .columns = s->d, .depth = kiln_packed(bf16, block->queries),
                       .a = w->slopes, .row_step = 1, .depth_step = key_block(s),
                       .b = w->queries_deep, .b_step = d, .c = w->key_sums, .c_step = d,
                       .accumulation = over_queries, .scale = 1};
  kiln_product queries = {.rows = block->queries, .columns = s->d, .depth = kiln_packed(bf16, block->keys),
                          .a = w->slopes_deep, .row_step = kiln_packed(bf16, key_block(s)), .depth_step = 1,
                          .b = w->keys, .b_step = d, .c = w->query_sums + block->first_query * d, .c_step = d,
                          .accumulation = block->first_key == chunk_start ? kiln_overwrite : kiln_add, .scale = 1};
  kiln_block_product(&values, bf16);
  kiln_block_product(&keys, bf16);
  kiln_block_product(&queries, bf16);
}

static void pack_keys(const arguments *a, const space *w, const kiln_block *block) {
  const kiln_attention_shape *s = a->s;
  kiln_rows keys = kiln_head(s, a->k, s->lk, s->d, block->b, block->h, block->first_key, block->keys);
  kiln_rows values = kiln_head(s, a->v, s->lk, s->dv, block->b, block->h, block->first_key, block->keys);
  kiln_pack_transposed(&keys, w->keys_across, key_block(s));
  kiln_pack_transposed(&values, w->values_across, key_block(s));
  kiln_pack_depth(&keys, w->keys, kiln_row_up(s->d));
}

static void pack_queries(const arguments *a, const space *w, const kiln_block *block) {
  const kiln_attention_shape *s = a->s;
  kiln_rows queries = kiln_head(s, a->q, s->lq, s->d, block->b, block->h, block->first_query, block->queries);
  kiln_rows gradients = kiln_head(s, a->dy, s->lq, s->dv, block->b, block->h, block->first_query, block->queries);
  kiln_pack_depth(&queries, w->queries_deep, kiln_row_up(s->d));
  kiln_pack_depth(&gradients, w->gradients_deep, kiln_row_up(s->dv));
  if (kiln_is_bf16(s)) {
    kiln_pack_rows(&queries, w->queries, kiln_row_up(kiln_packed(1, s->d)));
    kiln_pack_rows(&gradients, w->gradients, kiln_row_up(kiln_packed(1, s->dv)));
  }
}

static void unpack(const kiln_attention_shape *s, const float *sums, float scale, const kiln_rows *to) {
  int64_t step = kiln_row_up(to->width);
  kiln_unpack_rows(sums, step, to->rows, to->width, NULL, scale, (void *)to->data, to->step, kiln_is_bf16(s));
}

/* One chunk of keys of one head of one entry of the batch. */
static void run_chunk(const arguments *a, const space *w, int64_t b, int64_t h, int64_t chunk) {
  const kiln_attention_shape *s = a->s;
  int64_t first = chunk * chunk_keys(s), end = kiln_min(first + chunk_keys(s), s->lk);
  for (int64_t key = first; key < end; key += key_block(s)) {
    kiln_block block = {.b = b, .h = h, .first_key = key, .keys = kiln_min(key_block(s), end - key)};
    pack_keys(a, w, &block);
    for (int64_t query = 0; query < s->lq; query += KILN_BLOCK) {
      block.first_query = query;
      block.queries = kiln_min(KILN_BLOCK, s->lq - query);
      pack_queries(a, w, &block);
      differentiate(a, w, &block);
      accumulate(s, w, &block, first);
    }
    kiln_rows dk = kiln_head(s, a->dk, s->lk, s->d, b, h, key, block.keys);
    kiln_rows dv = kiln_head(s, a->dv, s->lk, s->dv, b, h, key, block.keys);
    unpack(s, w->key_sums, a->scale, &dk);
    unpack(s, w->value_sums, 1, &dv);
  }
}

/* dq of a block of queries: the sums of all chunks, added to those of the first. */
static void write_query_grad(const arguments *a, float *sums, int64_t chunks, int64_t b, int64_t h, int64_t query) {
  const kiln_attention_shape *s = a->s;
  int64_t d = kiln_row_up(s->d), rows = kiln_min(KILN_BLOCK, s->lq - query);
  float *total = sums + query * d;
  for (int64_t chunk = 1; chunk < chunks; chunk++) {
    const float *part = total + chunk * sums_elements(s);
#pragma omp simd
    for (int64_t i = 0; i < rows * d; i++) total[i] += part[i];
  }
  kiln_rows dq = kiln_head(s, a->dq, s->lq, s->d, b, h, query, rows);
  unpack(s, total, a->scale, &dq);
}

/*
 * dq, dk, dv like q, k, v, and, if there is a bias, dbias [1 or batch, heads, lq, lk], from what kiln_attention read and wrote
 * and dy, the gradient of y. scratch has kiln_attention_grad_scratch(shape) bytes.
 */
void kiln_attention_grad(const void *q, const void *k, const void *v, const float *bias, const int32_t *mask, const void *y,
                         const float *log_sum_exp, const void *dy, void *dq, void *dk, void *dv, float *dbias, char *scratch,
                         const int64_t *shape, float scale) {
  const kiln_attention_shape *s = (const kiln_attention_shape *)shape;
  arguments a = {s, q, k, v, {bias, mask}, y, log_sum_exp, dy, dq, dk, dv, dbias, scale};
  space empty;
  int64_t bytes = carve(s, NULL, &empty), chunks = num_chunks(s);
  int64_t groups = shares_bias(s) ? 1 : s->batch, of_group = s->batch / groups;
  float *all_sums = (float *)(scratch + s->threads * bytes);
  float *shifts = all_sums + all_sums_elements(s), *means = shifts + s->batch * s->heads * s->lq;
#pragma omp parallel num_threads((int)s->threads)
  {
    space w;
    carve(s, scratch + kiln_thread() * bytes, &w);
#pragma omp for collapse(3) schedule(static)
    for (int64_t b = 0; b < s->batch; b++) {
      for (int64_t h = 0; h < s->heads; h++) {
        for (int64_t query = 0; query < s->lq; query += KILN_BLOCK) {
          int64_t rows = (b * s->heads + h) * s->lq;
          prepare_rows(&a, b, h, query, shifts + rows, means + rows);
        }
      }
    }
#pragma omp for collapse(3) schedule(dynamic)
    for (int64_t group = 0; group < groups; group++) {
      for (int64_t h = 0; h < s->heads; h++) {
        for (int64_t chunk = 0; chunk < chunks; chunk++) {
          for (int64_t b = group * of_group; b < (group + 1) * of_group; b++) {
            space one = w;
            one.shifts = shifts + (b * s->heads + h) * s->lq;
            one.means = means + (b * s->heads + h) * s->lq;
            if (chunks > 1) one.query_sums = all_sums + ((b * s->heads + h) * chunks + chunk) * sums_elements(s);
            run_chunk(&a, &one, b, h, chunk);
            for (int64_t query = 0; chunks == 1 && query < s->lq; query += KILN_BLOCK) {
              write_query_grad(&a, one.query_sums, 1, b, h, query);
            }
          }
        }
      }
    }
    if (chunks > 1) {
#pragma omp for collapse(3) schedule(static)
      for (int64_t b = 0; b < s->batch; b++) {
        for (int64_t h = 0; h < s->heads; h++) {
          for (int64_t query = 0; query < s->lq; query += KILN_BLOCK) {
            write_query_grad(&a, all_sums + (b * s->heads + h) * chunks * sums_elements(s), chunks, b, h, query);
          }
        }
      }
    }
  }
}
