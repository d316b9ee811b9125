// A picture's channels in another order, or some of them twice: what channel shuffles and depthwise convolutions with several filters a channel come to in packed graphs.
#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

namespace sconce {
namespace {

constexpr int64_t PixelsAtLeast = 256;   // for a thread of its own

// (N, C, H, W) -> (N, index.size(), H, W), channels last: channel k is the input's channel index[k].
at::Tensor channels(const at::Tensor& given, at::IntArrayRef index) {
    TORCH_CHECK(given.dim() == 4 && given.scalar_type() == at::kFloat, "channels: an input of shape ", given.sizes(), " and type ", given.scalar_type(), ", but pictures of 32-bit numbers are expected");
    at::Tensor input = given.contiguous(at::MemoryFormat::ChannelsLast);
    int64_t before = input.size(1), after = static_cast<int64_t>(index.size());
    for (int64_t k : index) TORCH_CHECK(k >= 0 && k < before, "channels: number ", k, " of ", before);
    at::Tensor result = at::empty({input.size(0), after, input.size(2), input.size(3)}, input.options(), at::MemoryFormat::ChannelsLast);
    const float* from = input.data_ptr<float>();
    float* to = result.data_ptr<float>();
    at::parallel_for(0, input.size(0) * input.size(2) * input.size(3), PixelsAtLeast, [&](int64_t begin, int64_t end) {
        for (int64_t pixel = begin; pixel < end; pixel++) {
            for (int64_t k = 0; k < after; k++) to[pixel * after + k] = from[pixel * before + index[k]];
        }
    });
    return result;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(sconce, library) { library.def("channels(Tensor input, int[] index) -> Tensor", &channels); }

}  // namespace sconce
#endif
