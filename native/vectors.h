// Loops over plain arrays that libtorch has no form of, each in the best form for this processor.
#pragma once
#include <cstdint>

namespace sconce {

constexpr int64_t Lanes = 8;

// One row of scores becomes weights that sum to 1; its memory goes on to a multiple of Lanes, which is filled.
extern void (*const softmax)(float* row, int64_t count);

// Sums in 64 bits, as libtorch's of 32-bit numbers are.
extern double (*const sum)(const float* x, int64_t count);
extern double (*const sum_of_squares)(const float* x, int64_t count, double mean);

// y = x * slope + start
extern void (*const line)(const float* x, float* y, int64_t count, float slope, float start);

}  // namespace sconce
