// Layers packed for this processor: what the rewriting of frozen graphs (fuse.cpp) and their kernels (packed.cpp) share.
#pragma once
#include "operations.h"

#include <ATen/core/Tensor.h>
#include <torch/custom_class.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace sconce {

// A convolution over pictures in channels-last order, or a linear layer, which is one over a column of pixels.
struct Geometry {
    std::vector<int64_t> stride{1, 1}, dilation{1, 1}, before{0, 0}, after{0, 0};   // paddings may differ at the two ends
    int64_t groups = 1;
    bool linear = false, transposed = false;
};

// What this processor has no fast form of: the graph keeps libtorch's operators, and says why.
struct NoFastForm : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What a layer does about numbers that are none (invalid.h), which its activation may have made numbers of.
enum class Care {
    Watched,     // it looks, and computes once more where it met some
    Unwatched,   // whoever asks looks, once for many layers, and asks all of them again, watched
    Over,        // as Unwatched, and where it adds one thing alone, the result may be written over that
};

class Transposed;

class Packed : public torch::CustomClassHolder {
public:
    // Throws NoFastForm. Copies what it is given. oneDNN computes `afterwards`, each of its algorithms once (see can_follow).
    Packed(at::Tensor weight, at::Tensor bias, Geometry geometry, std::vector<PostOperation> afterwards);
    ~Packed() override;

    // Linear: (..., inputs) -> (..., outputs). Else (N, inputs, H, W) -> (N, outputs, H', W') in channels-last order.
    // `others`: what its sums add, in order.
    at::Tensor run(const at::Tensor& input, const std::vector<at::Tensor>& others, Care care = Care::Watched);

    // A convolution over pictures, neither a linear layer nor a transposed one; of such alone the following can be asked.
    bool is_convolution() const;

    // Of what it makes, and how large that is of an input of this size; axis 0: rows.
    int64_t channels() const;
    int64_t result_size(int64_t size, int axis) const;

    // Bytes of weights that it reads for so many pictures of this size.
    int64_t weight_bytes(int64_t batch, int64_t rows, int64_t columns) const;

private:
    struct Kernels;
    std::unique_ptr<Kernels> kernels;         // or, of a transposed convolution:
    std::unique_ptr<Transposed> transposed;
};

}  // namespace sconce
