// Products of matrices of 32-bit numbers by oneDNN, where its code for this processor is better than what libtorch calls.
#pragma once
#include <ATen/core/Tensor.h>

namespace sconce {

// left (rows, inner) times right (inner, columns), plus start, (columns) or (rows, columns), where it is defined. Undefined where oneDNN's
// is not the better one, or takes no such matrices.
at::Tensor fast_product(const at::Tensor& left, const at::Tensor& right, const at::Tensor& start);

}  // namespace sconce
