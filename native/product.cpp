// Matrices of 32-bit numbers by oneDNN on processors with vectors of 512 bits: OpenBLAS knows these by their maker and takes its code for
// 256 bits on AMD's, half as fast, forwards and in both gradients of a linear layer.
#include "product.h"

#ifdef SCONCE_ONEDNN
#include <ATen/Functions.h>
#include <dnnl.h>

#include <algorithm>

namespace sconce {
namespace {

bool has_wide_vectors() {
#ifdef __x86_64__
    static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl");
    return has;
#else
    return false;
#endif
}

// How a matrix lies: 'N' row by row, 'T' column by column, the distance of two of them; or 0 where it is neither.
struct Order {
    explicit Order(const at::Tensor& matrix) {
        int64_t rows = matrix.size(0), columns = matrix.size(1);
        if (matrix.stride(1) == 1 && matrix.stride(0) >= columns) {
            form = 'N';
            distance = matrix.stride(0);
        } else if (matrix.stride(0) == 1 && matrix.stride(1) >= rows) {
            form = 'T';
            distance = matrix.stride(1);
        }
    }

    char form = 0;
    int64_t distance = 0;
};

bool is_of_floats(const at::Tensor& tensor) {
    return tensor.scalar_type() == at::kFloat && tensor.device().is_cpu() && tensor.layout() == at::kStrided && !tensor.is_neg();
}

bool start_suits(const at::Tensor& start, int64_t rows, int64_t columns) {
    if (!start.defined()) return true;
    bool is_row = start.dim() == 1 && start.size(0) == columns;
    return is_of_floats(start) && (is_row || (start.dim() == 2 && start.size(0) == rows && start.size(1) == columns));
}

}  // namespace

at::Tensor fast_product(const at::Tensor& left, const at::Tensor& right, const at::Tensor& start) {
    bool ours = has_wide_vectors() && left.dim() == 2 && right.dim() == 2 && is_of_floats(left) && is_of_floats(right)
        && left.size(1) == right.size(0) && left.numel() > 0 && right.numel() > 0 && start_suits(start, left.size(0), right.size(1));
    if (!ours) return at::Tensor();
    Order a(left), b(right);
    if (!a.form || !b.form || (a.form == 'T' && b.form == 'T')) return at::Tensor();   // both turned: OpenBLAS is as fast
    int64_t rows = left.size(0), inner = left.size(1), columns = right.size(1);
    at::Tensor result = at::empty({rows, columns}, left.options());
    if (start.defined()) result.copy_(start);
    auto status = dnnl_sgemm(a.form, b.form, rows, columns, inner, 1, left.data_ptr<float>(), a.distance, right.data_ptr<float>(),
        b.distance, start.defined() ? 1 : 0, result.data_ptr<float>(), columns);
    TORCH_CHECK(status == dnnl_success, "oneDNN's product of ", left.sizes(), " and ", right.sizes(), " failed with status ",
        static_cast<int>(status));
    return result;
}

}  // namespace sconce
#else
namespace sconce {
at::Tensor fast_product(const at::Tensor&, const at::Tensor&, const at::Tensor&) { return at::Tensor(); }
}  // namespace sconce
#endif
