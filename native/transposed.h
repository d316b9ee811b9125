// Transposed convolutions of packed graphs: one product of all pixels with all weights, whose sums are then laid over one another.
#pragma once
#include "packed.h"

#include <memory>
#include <vector>

namespace sconce {

class Transposed {
public:
    // weight: (inputs, outputs, rows, columns). `before` and `after` of the geometry: what is cut off at the two ends; less than zero
    // behind: what is put there. Throws NoFastForm.
    Transposed(const at::Tensor& weight, const at::Tensor& bias, Geometry geometry, std::vector<PostOperation> afterwards);
    ~Transposed();

    // As Packed::run.
    at::Tensor run(const at::Tensor& input, const std::vector<at::Tensor>& others);

private:
    struct Products;
    std::unique_ptr<Products> products;
};

}  // namespace sconce
