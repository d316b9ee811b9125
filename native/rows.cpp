// Linear layers of few rows, such as the next token of each of a few sequences: libtorch's product copies the whole matrix of weights into
// another order first,
// which then takes longer than the sum. Here weights are read once, as they lie. Others, and
// what is recorded for gradients, go on to oneDNN's product (product.h), or to libtorch's kernels.
#include "product.h"
#include "replace.h"
#include "vectors.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>
#include <ATen/Parallel.h>
#include <ATen/ops/addmm_cpu_dispatch.h>
#include <ATen/ops/mm_cpu_dispatch.h>

#include <algorithm>

namespace sconce {
namespace {

constexpr int64_t MostRows = 8;   // with more, libtorch's is as fast
constexpr int64_t BlockBytes = 1 << 15;              // a thread's least work

// A weight (outputs, inputs) seen as (inputs, outputs).
bool turned(const at::Tensor& right) { return right.stride(0) == 1 && right.stride(1) == right.size(0); }

bool suits(const at::Tensor& left, const at::Tensor& right) {
    return !c10::GradMode::is_enabled() && left.dim() == 2 && right.dim() == 2 && left.size(1) == right.size(0) && left.size(0) > 0
        && left.size(0) <= MostRows && right.size(1) % Lanes == 0
        && right.size(1) > 0 && left.size(1) >= Lanes && plain_floats(left) && right.scalar_type() == at::kFloat
        && right.device().is_cpu() && right.layout() == at::kStrided
        && turned(right) && !right.is_neg();
}

at::Tensor product(const at::Tensor& left, const at::Tensor& right, const float* start) {
    int64_t rows = left.size(0), inner = left.size(1), columns = right.size(1);
    at::Tensor result = at::empty({rows, columns}, left.options());
    const float *x = left.data_ptr<float>(), *weights = right.data_ptr<float>();
    float* to = result.data_ptr<float>();
    int64_t grain = std::max<int64_t>(1, BlockBytes / (Lanes * inner * static_cast<int64_t>(sizeof(float))));
    at::parallel_for(0, columns / Lanes, grain, [&](int64_t begin, int64_t end) {
        for (int64_t n = begin * Lanes; n < end * Lanes; n += Lanes)
            few_rows(x, rows, weights + n * inner, inner, start ? start + n : nullptr, to + n, columns);
    });
    return result;
}

at::Tensor sum_and_product(const at::Tensor& start, const at::Tensor& left, const at::Tensor& right, const at::Scalar& beta,
    const at::Scalar& alpha) {
    bool plain_sum = beta.isIntegral(false) && beta.toLong() == 1 && alpha.isIntegral(false) && alpha.toLong() == 1;
    bool ours = plain_sum && suits(left, right) && start.dim() == 1 && start.size(0) == right.size(1) && plain_floats(start);
    if (ours) return product(left, right, start.data_ptr<float>());
    at::Tensor fast = plain_sum ? fast_product(left, right, start) : at::Tensor();
    return fast.defined() ? fast : at::cpu::addmm(start, left, right, beta, alpha);
}

at::Tensor only_product(const at::Tensor& left, const at::Tensor& right) {
    if (suits(left, right)) return product(left, right, nullptr);
    at::Tensor fast = fast_product(left, right, at::Tensor());
    return fast.defined() ? fast : at::cpu::mm(left, right);
}

const auto with_start = replace("addmm", &sum_and_product);
const auto without = replace("mm", &only_product);

}  // namespace
}  // namespace sconce
