// softmax(q kᵀ · scale) v in blocks of queries: the scores of a block are used up while they are in the cache, and queries, keys and values are read where
// a projection left them, whatever their strides.
#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "vectors.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <dnnl.h>
#include <torch/library.h>

#include <algorithm>

namespace sconce {
namespace {

constexpr int64_t BlockOfQueries = 64;

void product(bool transposed, int64_t rows, int64_t columns, int64_t inner, float scale, const float* left, int64_t left_stride, const float* right, int64_t right_stride, float* result, int64_t result_stride) {
    auto status = dnnl_sgemm('N', transposed ? 'T' : 'N', rows, columns, inner, scale, left, left_stride, right, right_stride, 0, result, result_stride);
    TORCH_CHECK(status == dnnl_success, "attention: oneDNN's product of ", rows, " x ", inner, " and ", inner, " x ", columns, " failed with status ", static_cast<int>(status));
}

// (…, tokens, width) as (N, heads, tokens, width), channels side by side.
at::Tensor four(const at::Tensor& x) {
    at::Tensor wide = x.dim() == 3 ? x.unsqueeze(0) : x;
    // Not `contiguous`, which leaves a size of 1 whatever stride it had.
    return wide.stride(3) == 1 && wide.stride(2) >= wide.size(3) ? wide : wide.clone(at::MemoryFormat::Contiguous);
}

// Whether heads of 32 bits lie side by side; sizes that spread, other precisions and no heads at all go operator by operator.
bool in_blocks(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value) {
    auto leading = [](const at::Tensor& x) { return x.sizes().slice(0, x.dim() - 2); };
    return (query.dim() == 3 || query.dim() == 4) && key.dim() == query.dim() && value.dim() == query.dim() && query.size(-1) == key.size(-1)
        && key.size(-2) == value.size(-2) && leading(query) == leading(key) && leading(key) == leading(value)
        && query.scalar_type() == at::kFloat && key.scalar_type() == at::kFloat && value.scalar_type() == at::kFloat;
}

at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, double scale) {
    if (!in_blocks(query, key, value)) return at::matmul(at::softmax(at::matmul(query, key.transpose(-2, -1)).mul(scale), -1), value);
    at::Tensor q = four(query), k = four(key), v = four(value);
    int64_t batch = q.size(0), heads = q.size(1), queries = q.size(2), keys = k.size(2), width = q.size(3), values = v.size(3);
    at::Tensor joined = at::empty({batch, queries, heads, values}, q.options());   // as the next projection reads it
    if (joined.numel() > 0) {
        TORCH_CHECK(keys > 0, "attention: there are no keys");
        int64_t wide = (keys + Lanes - 1) / Lanes * Lanes, blocks = (queries + BlockOfQueries - 1) / BlockOfQueries;
        const float *from_q = q.data_ptr<float>(), *from_k = k.data_ptr<float>(), *from_v = v.data_ptr<float>();
        float* to = joined.data_ptr<float>();
        at::parallel_for(0, batch * heads * blocks, 1, [&](int64_t begin, int64_t end) {
            at::Tensor room = at::empty({BlockOfQueries * wide});
            float* scores = room.data_ptr<float>();
            for (int64_t task = begin; task < end; task++) {
                int64_t n = task / blocks / heads, h = task / blocks % heads, first = task % blocks * BlockOfQueries, count = std::min(BlockOfQueries, queries - first);
                product(true, count, keys, width, static_cast<float>(scale), from_q + n * q.stride(0) + h * q.stride(1) + first * q.stride(2), q.stride(2), from_k + n * k.stride(0) + h * k.stride(1), k.stride(2), scores, wide);
                for (int64_t r = 0; r < count; r++) softmax(scores + r * wide, keys);
                product(false, count, values, keys, 1, scores, wide, from_v + n * v.stride(0) + h * v.stride(1), v.stride(2), to + ((n * queries + first) * heads + h) * values, heads * values);
            }
        });
    }
    at::Tensor result = joined.transpose(1, 2);
    return query.dim() == 3 ? result.squeeze(0) : result;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(sconce, library) { library.def("attention(Tensor query, Tensor key, Tensor value, float scale) -> Tensor", &attention); }

}  // namespace sconce
#endif
