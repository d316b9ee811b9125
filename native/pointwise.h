// Elementwise operators that follow one another, computed together: a block of numbers goes through all of them while it is in the cache.
#pragma once
#include "packed.h"

#include <vector>

namespace sconce {

// One operator. Its operands are numbered: first come the inputs, then the instructions before it.
struct Instruction {
    enum class Kind { Function, Combination, Channels } kind;
    size_t left, right = 0;
    PostOperation function{After::Relu};   // of left
    Combine combine = Combine::Add;        // left and right
    std::vector<int64_t> index;            // channel k is left's channel index[k]
};

class Pointwise : public torch::CustomClassHolder {
public:
    Pointwise(size_t inputs, std::vector<Instruction> instructions) : inputs(inputs), instructions(std::move(instructions)) {}

    // The last instruction's result. In blocks: numbers of one shape and order, or pictures (N, C, H, W) with gates (N, C, 1, 1); else operator by operator.
    at::Tensor run(const std::vector<at::Tensor>& operands) const;

private:
    at::Tensor one_by_one(std::vector<at::Tensor> operands) const;

    size_t inputs;
    std::vector<Instruction> instructions;
};

}  // namespace sconce
