#include "vectors.h"

#include <cstring>
#include <limits>

namespace sconce {
namespace plain {
#include "vectors.inc"
#include "rows.inc"
#include "neighbours.inc"
#include "stencils.inc"
#include "moments.inc"
#include "pointwise.inc"
#include "winograd.inc"
}

#if defined(__x86_64__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
namespace avx2 {
#include "vectors.inc"
#include "rows.inc"
#include "neighbours.inc"
#include "stencils.inc"
#include "moments.inc"
#include "pointwise.inc"
#include "winograd.inc"
}
#pragma GCC pop_options

static bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#define SCONCE_BEST(name) (has_avx2() ? avx2::name : plain::name)
#else
#define SCONCE_BEST(name) plain::name
#endif

void (*const softmax)(float*, int64_t) = SCONCE_BEST(softmax);
double (*const sum)(const float*, int64_t) = SCONCE_BEST(sum);
double (*const sum_of_squares)(const float*, int64_t, double) = SCONCE_BEST(sum_of_squares);
void (*const extent)(const float*, int64_t, float*, double*) = SCONCE_BEST(extent);
void (*const combine)(Combine, const float*, const float*, float*, int64_t) = SCONCE_BEST(combine);
void (*const function_of)(After, float, float, const float*, float*, int64_t) = SCONCE_BEST(function_of);
void (*const line)(const float*, float*, int64_t, float, float) = SCONCE_BEST(line);
void (*const channel_moments)(const float*, int64_t, int64_t, int64_t, float*, float*) = SCONCE_BEST(channel_moments);
void (*const channel_lines)(const float*, float*, int64_t, int64_t, const float*, const float*, float) = SCONCE_BEST(channel_lines);
void (*const total)(const float* const*, int64_t, const float*, float*, int64_t) = SCONCE_BEST(total);
void (*const largest)(const float* const*, int64_t, float*, int64_t) = SCONCE_BEST(largest);
void (*const few_rows)(const float*, int64_t, const float*, int64_t, const float*, float*, int64_t) = SCONCE_BEST(few_rows);
void (*const sum_of_rows)(const float*, int64_t, const int32_t*, int64_t, const float*, int64_t, float, float*) = SCONCE_BEST(sum_of_rows);
void (*const stencil_row)(const float*, const float*, const float*, int64_t, const float*, float*) = SCONCE_BEST(stencil_row);
void (*const weighted_sum)(const float* const*, const float*, int64_t, float*, int64_t) = SCONCE_BEST(weighted_sum);
void (*const winograd_input)(const float* const*, float*, int64_t, int64_t, int64_t, int64_t) = SCONCE_BEST(winograd_input);
void (*const winograd_output)(const float*, int64_t, int64_t, int64_t, int64_t, const float*, const WinogradStep*, int, float* const*) = SCONCE_BEST(winograd_output);
void (*const winograd_output_gradient)(const float* const*, float*, int64_t, int64_t) = SCONCE_BEST(winograd_output_gradient);
void (*const winograd_filters)(const float*, int64_t, bool, int64_t, float*, int64_t) = SCONCE_BEST(winograd_filters);
void (*const winograd_filters_gradient)(const float*, int64_t, int64_t, float*) = SCONCE_BEST(winograd_filters_gradient);

}  // namespace sconce
