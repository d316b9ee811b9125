// Loops over plain arrays that libtorch has no form of, each in the best form for this processor.
#pragma once
#include "operations.h"

#include <cstdint>

namespace sconce {

constexpr int64_t Lanes = 8;

// One row of scores becomes weights that sum to 1; its memory goes on to a multiple of Lanes, which is filled.
extern void (*const softmax)(float* row, int64_t count);

// Sums in 64 bits, as libtorch's of 32-bit numbers are.
extern double (*const sum)(const float* x, int64_t count);
extern double (*const sum_of_squares)(const float* x, int64_t count, double mean);

// The largest magnitude, and the sum of squares: infinite or no number where one of x is, or beyond 1e18.
extern void (*const extent)(const float* x, int64_t count, float* largest, double* squares);

// Each number of the left with its fellow on the right; a function of each number, any of After but Elu and Add.
extern void (*const combine)(Combine kind, const float* left, const float* right, float* to, int64_t count);
extern void (*const function_of)(After kind, float alpha, float beta, const float* x, float* to, int64_t count);

// y = x * slope + start
extern void (*const line)(const float* x, float* y, int64_t count, float slope, float start);

// Of each channel of some pixels, `stride` floats apart: the mean, and the sum of squares about it.
extern void (*const channel_moments)(const float* x, int64_t pixels, int64_t stride, int64_t channels, float* means, float* squares);

// y = x * slope + start with a slope and a start for each channel, and no less than `least`.
extern void (*const channel_lines)(const float* x, float* y, int64_t pixels, int64_t channels, const float* slopes, const float* starts,
    float least);

// to = start + all parts, of so many channels each
extern void (*const total)(const float* const* parts, int64_t count, const float* start, float* to, int64_t channels);

// to = the largest of all parts, of so many channels each; one that is no number is the largest.
extern void (*const largest)(const float* const* parts, int64_t count, float* to, int64_t channels);

// result (rows, 8), rows `result_stride` apart = x (rows, inner) times weights (8, inner) turned, plus start (8), where it is given: for
// few rows.
extern void (*const few_rows)(const float* x, int64_t rows, const float* weights, int64_t inner, const float* start, float* result,
    int64_t result_stride);

// result (width) = own_scale times the sum of the rows of x (…, width) that `sources` names, each times its number of `scale` where that
// is given; the row `own` is summed too, times own_scale, unless it is below 0.
extern void (*const sum_of_rows)(const float* x, int64_t width, const int32_t* sources, int64_t count, const float* scale, int64_t own,
    float own_scale, float* result);

// A row of a grid whose columns go round: each number from its nine neighbours, weights (3, 3).
extern void (*const stencil_row)(const float* above, const float* row, const float* below, int64_t columns, const float* weights,
    float* to);

// to (count) = the sum of terms (terms_count, count), each times its weight.
extern void (*const weighted_sum)(const float* const* terms, const float* weights, int64_t terms_count, float* to, int64_t count);

// What happens to Winograd's results (winograd.h) as they are written.
struct WinogradStep {
    After kind;
    float alpha, beta;
    const float* const* others;   // Add: for each of the 16 pixels, the channels that are added
};

// 6 x 6 pixels -> 36 positions, each `position_stride` after the other, groups of channels `group_stride` apart.
extern void (*const winograd_input)(const float* const* pixels, float* to, int64_t channels, int64_t group, int64_t position_stride,
    int64_t group_stride);

// 36 positions -> 4 x 4 pixels.
extern void (*const winograd_output)(const float* from, int64_t channels, int64_t group, int64_t position_stride, int64_t group_stride,
    const float* bias, const WinogradStep* steps, int count, float* const* pixels);

// 4 x 4 pixels of a gradient -> 36 positions: what winograd_output does, backwards.
extern void (*const winograd_output_gradient)(const float* const* pixels, float* to, int64_t channels, int64_t position_stride);

// Filters of 3 x 3, `step` floats apart, -> 36 positions of `count` numbers; `turned`: each filter by half a turn.
extern void (*const winograd_filters)(const float* filters, int64_t step, bool turned, int64_t count, float* to, int64_t position_stride);

// 36 positions -> gradients of filters of 3 x 3, one after the other.
extern void (*const winograd_filters_gradient)(const float* from, int64_t count, int64_t position_stride, float* filters);

}  // namespace sconce
