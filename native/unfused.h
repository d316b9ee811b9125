// The operators of operations.h by libtorch, one by one: what packed graphs do where shapes or types are not what their own loops take.
#pragma once
#include "operations.h"

#include <ATen/core/Tensor.h>

namespace sconce {

// `other`: what Add adds.
at::Tensor apply(const at::Tensor& x, const PostOperation& operation, const at::Tensor& other = {});

at::Tensor apply(const at::Tensor& left, Combine combine, const at::Tensor& right);

}  // namespace sconce
