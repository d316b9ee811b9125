// Some of a picture's channels under a batch norm with fixed statistics, the rest under an instance norm, and a ReLU after them, in packed
// graphs: channels last
// throughout. libtorch's instance norm copies its channels into the usual order and back, and so does all that follows it.
#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "vectors.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace sconce {
namespace {

constexpr int64_t BlockOfPixels = 256;   // its channels stay in the first cache

// What became of x under both norms: x * slopes + starts, of each picture.
struct Lines {
    std::vector<float> slopes, starts;
};

// Channels from `first` on: means and variances of blocks, then of all of them; the blocks are the same for any number of threads.
Lines lines(const float* from, int64_t batch, int64_t pixels, int64_t channels, int64_t first, const float* weights, const float* biases,
    double eps) {
    int64_t own = channels - first, blocks = (pixels + BlockOfPixels - 1) / BlockOfPixels;
    std::vector<float> means(static_cast<size_t>(batch * blocks * own)), squares(means.size());
    at::parallel_for(0, batch * blocks, 8, [&](int64_t begin, int64_t end) {
        for (int64_t k = begin; k < end; k++) {
            int64_t start = k % blocks * BlockOfPixels, count = std::min(BlockOfPixels, pixels - start);
            channel_moments(from + (k / blocks * pixels + start) * channels + first, count, channels, own, means.data() + k * own,
                squares.data() + k * own);
        }
    });
    Lines found{std::vector<float>(static_cast<size_t>(batch * channels)), std::vector<float>(static_cast<size_t>(batch * channels))};
    for (int64_t n = 0; n < batch; n++) {
        float *slopes = found.slopes.data() + n * channels, *starts = found.starts.data() + n * channels;
        std::copy_n(weights, channels, slopes);
        std::copy_n(biases, channels, starts);
        std::vector<double> mean(static_cast<size_t>(own)), about(static_cast<size_t>(own));
        auto each_block = [&](auto&& take) {
            for (int64_t b = 0; b < blocks; b++) {
                double count = static_cast<double>(std::min(BlockOfPixels, pixels - b * BlockOfPixels));
                for (int64_t c = 0; c < own; c++) take(static_cast<size_t>(c), static_cast<size_t>((n * blocks + b) * own + c), count);
            }
        };
        each_block([&](size_t c, size_t k, double count) { mean[c] += means[k] * count / static_cast<double>(pixels); });
        each_block([&](size_t c, size_t k, double count) { about[c] += squares[k] + count * (means[k] - mean[c]) * (means[k] - mean[c]); });
        for (int64_t c = 0; c < own; c++) {
            double slope = weights[first + c] / std::sqrt(about[static_cast<size_t>(c)] / static_cast<double>(pixels) + eps);
            slopes[first + c] = static_cast<float>(slope);
            starts[first + c] = static_cast<float>(biases[first + c] - mean[static_cast<size_t>(c)] * slope);
        }
    }
    return found;
}

// Of other types and ranks.
at::Tensor by_libtorch(const at::Tensor& x, const at::Tensor& slopes, const at::Tensor& starts, int64_t first, double eps, bool relu) {
    int64_t own = slopes.size(0) - first;
    std::vector<int64_t> shape(static_cast<size_t>(x.dim()), 1);
    shape[1] = first;
    at::Tensor fixed = x.narrow(1, 0, first) * slopes.narrow(0, 0, first).view(shape) + starts.narrow(0, 0, first).view(shape);
    at::Tensor free = at::instance_norm(x.narrow(1, first, own), slopes.narrow(0, first, own), starts.narrow(0, first, own), {}, {}, true,
        0, eps, false);
    at::Tensor both = at::cat({fixed, free}, 1);
    return relu ? at::relu(both) : both;
}

// (N, C, H, W): channels up to `first` become x * slopes + starts; the others are normalised over their pictures first.
at::Tensor norms(const at::Tensor& given, const at::Tensor& slopes, const at::Tensor& starts, int64_t first, double eps, bool relu) {
    int64_t channels = slopes.size(0);
    TORCH_CHECK(given.dim() >= 2 && given.size(1) >= channels, "norms: an input of shape ", given.sizes(), ", but ", channels,
        " channels are expected");
    at::Tensor x = given.size(1) == channels ? given : given.narrow(1, 0, channels);
    bool ours = x.dim() == 4 && x.scalar_type() == at::kFloat && x.device().is_cpu() && x.layout() == at::kStrided && x.numel() > 0;
    if (!ours) return by_libtorch(x, slopes, starts, first, eps, relu);
    x = x.contiguous(at::MemoryFormat::ChannelsLast);
    at::Tensor result = at::empty(x.sizes(), x.options(), at::MemoryFormat::ChannelsLast);
    int64_t batch = x.size(0), pixels = x.size(2) * x.size(3), blocks = (pixels + BlockOfPixels - 1) / BlockOfPixels;
    const float* from = x.data_ptr<float>();
    float* to = result.data_ptr<float>();
    Lines all = lines(from, batch, pixels, channels, first, slopes.data_ptr<float>(), starts.data_ptr<float>(), eps);
    float least = relu ? 0 : -std::numeric_limits<float>::infinity();
    at::parallel_for(0, batch * blocks, 8, [&](int64_t begin, int64_t end) {
        for (int64_t k = begin; k < end; k++) {
            int64_t n = k / blocks, start = k % blocks * BlockOfPixels, count = std::min(BlockOfPixels, pixels - start),
                offset = (n * pixels + start) * channels;
            channel_lines(from + offset, to + offset, count, channels, all.slopes.data() + n * channels, all.starts.data() + n * channels,
                least);
        }
    });
    return result;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(sconce, library) {
    library.def("norms(Tensor input, Tensor slopes, Tensor starts, int first, float eps, bool relu) -> Tensor", &norms);
}

}  // namespace sconce
#endif
