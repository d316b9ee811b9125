// Pictures' channels behind one another in packed graphs, channels last where one of the pictures lies so: libtorch's `cat` gives up that
// order for a single other one,
// and then everything after it.
#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace sconce {
namespace {

constexpr int64_t PixelsAtLeast = 256;   // for a thread of its own

bool lies_last(const at::Tensor& x) { return x.is_contiguous(at::MemoryFormat::ChannelsLast) && (!x.is_contiguous() || x.size(1) == 1); }

bool suits(const std::vector<at::Tensor>& parts) {
    auto& first = parts.at(0);
    bool alike = std::all_of(parts.begin(), parts.end(), [&](const at::Tensor& x) {
        return x.dim() == 4 && x.scalar_type() == at::kFloat && x.device().is_cpu() && x.layout() == at::kStrided && x.numel() > 0
            && x.size(0) == first.size(0) && x.size(2) == first.size(2) && x.size(3) == first.size(3);
    });
    return alike && std::any_of(parts.begin(), parts.end(), [](const at::Tensor& x) { return lies_last(x) && x.size(1) > 1; });
}

// One picture's pixels go to their place in rows of `stride` numbers.
struct Part {
    at::Tensor held;
    const float* from;
    int64_t channels;
    bool last;   // whether its channels lie side by side
};

at::Tensor join(const std::vector<at::Tensor>& given, int64_t dimension) {
    if (dimension != 1 || given.empty() || !suits(given)) return at::cat(given, dimension);
    std::vector<Part> parts;
    int64_t stride = 0, batch = given[0].size(0), pixels = given[0].size(2) * given[0].size(3);
    for (auto& x : given) {
        at::Tensor held = lies_last(x) ? x : x.contiguous();
        parts.push_back({held, held.data_ptr<float>(), x.size(1), lies_last(x)});
        stride += x.size(1);
    }
    at::Tensor result = at::empty({batch, stride, given[0].size(2), given[0].size(3)}, given[0].options(), at::MemoryFormat::ChannelsLast);
    float* to = result.data_ptr<float>();
    at::parallel_for(0, batch * pixels, PixelsAtLeast, [&](int64_t begin, int64_t end) {
        for (int64_t k = begin; k < end; k++) {
            float* place = to + k * stride;
            for (auto& part : parts) {
                if (part.last) {
                    std::memcpy(place, part.from + k * part.channels, sizeof(float) * static_cast<size_t>(part.channels));
                } else {
                    const float* pixel = part.from + k / pixels * part.channels * pixels + k % pixels;
                    for (int64_t c = 0; c < part.channels; c++) place[c] = pixel[c * pixels];
                }
                place += part.channels;
            }
        }
    });
    return result;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(sconce, library) { library.def("join(Tensor[] parts, int dimension) -> Tensor", &join); }

}  // namespace sconce
#endif
