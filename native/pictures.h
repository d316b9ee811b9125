// A run of layers over a batch of pictures (pictures.cpp).
#pragma once
#include "packed.h"
#include "pooling.h"

namespace sconce {

// One of the layers; values are counted from 0, the batch itself, each step making the next.
struct PictureStep {
    c10::intrusive_ptr<Packed> layer;   // null for a pooling
    size_t input;
    std::vector<size_t> others;         // what a layer's sums add
    Window window;                      // of a pooling (the largest number)
    bool cut = false;                   // whether what comes later reads of all values only this step's
};

class Pictures : public torch::CustomClassHolder {
public:
    explicit Pictures(std::vector<PictureStep> steps);

    // (N, C, H, W) -> what the last step makes of it.
    at::Tensor run(const at::Tensor& batch) const;

private:
    struct Apart {
        size_t until;                  // steps that are taken few pictures at a time
        int64_t together;              // how few
        std::vector<int64_t> sizes;    // of what they make of the whole batch
    };

    Apart apart(const at::Tensor& batch) const;
    at::Tensor through(const at::Tensor& pictures, size_t first, size_t last) const;
    at::Tensor through(const at::Tensor& pictures, size_t first, size_t last, bool watched) const;

    std::vector<PictureStep> steps;
    std::vector<size_t> last_use;   // of each value: the step that reads it last
};

}  // namespace sconce
