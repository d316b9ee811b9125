// Which numbers Winograd's filtering (winograd.h) is used for.
#pragma once
#include <ATen/core/Tensor.h>

namespace sconce {

// Winograd's sums add and take away neighbours that a result does not see: each error is some 2e-7 of the largest number nearby. So its way
// is taken only where all numbers are finite and the largest is at most 256 times their root mean square; then results are right to 1e-4 of
// what is usual, at the worst.
bool is_even(const at::Tensor& numbers);

// Whether a person wants it at all.
bool winograd_is_wanted();

}  // namespace sconce
