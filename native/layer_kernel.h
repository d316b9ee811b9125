// One layer for one shape, as oneDNN computes it.
#pragma once
#include "onednn.h"
#include "packed.h"

#include <vector>

namespace sconce {

struct LayerKernel {
    dnnl::convolution_forward::primitive_desc description;
    dnnl::convolution_forward primitive;
    dnnl::memory weights;   // in the order that this kernel wants, where it is another than the layer's

    bool over;              // its sum adds what lies where the result is written

    // `others`: what sums add, in order; not read by a kernel that writes over it. Several threads may run one kernel.
    void run(const float* source, const dnnl::memory& layer_weights, float* bias, float* result,
        const std::vector<PostOperation>& afterwards,
        const std::vector<const float*>& others) const;
};

// Channels last, all shapes as (N, C, H, W); `weights`: in an order of oneDNN's choice. `over`: of its one sum, the other side lies where
// the result is written. Throws NoFastForm where oneDNN has none at all.
LayerKernel layer_kernel(const dnnl::memory::dims& source, const dnnl::memory::dims& result, const dnnl::memory::dims& weights,
    const Geometry& geometry,
    const std::vector<PostOperation>& afterwards, bool over = false);

}  // namespace sconce
