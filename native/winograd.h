// 3x3 convolutions by Winograd's minimal filtering, F(4x4, 3x3): 36 multiplications a channel for 16 results instead of 144 (Lavin and Gray, 1509.09308).
#pragma once
#include "packed.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace sconce {

class Winograd {
public:
    // Whether a layer can be computed so: 3x3, every pixel, channels of each group in eights.
    static bool can(const at::Tensor& weight, const Geometry& geometry);

    // Whether it is the faster way for so many pictures of this size: where weights, four times as many, are read for few pixels, it is
    // not. So a small picture's answer may differ by rounding with how many others there are.
    static bool pays(const at::Tensor& weight, const Geometry& geometry, int64_t batch, int64_t rows, int64_t columns);

    // The operations that it computes itself; others come after it.
    static bool takes(const PostOperation& operation);

    // (outputs, inputs / groups, 3, 3); throws NoFastForm where oneDNN has no fast product of these sizes.
    Winograd(const at::Tensor& weight, const at::Tensor& bias, Geometry geometry, std::vector<PostOperation> afterwards);
    ~Winograd();

    // Channels last: (batch, rows, columns, inputs) -> (batch, result rows, result columns, outputs); `others`: what its sums add, of the result's shape.
    void run(const float* source, float* result, const std::vector<const float*>& others, int64_t batch, int64_t rows, int64_t columns);

private:
    struct Products;
    std::unique_ptr<Products> products;
};

}  // namespace sconce
