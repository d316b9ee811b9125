// What a frozen graph says of its nodes and knows of their inputs: for all that looks for patterns in one.
#pragma once
#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace sconce {

using torch::jit::Node;

// Whether a node calls this operator, "aten::relu".
bool is(const Node* node, const char* name);

// A tensor that an operator treats as the number in it: none of 64 bits, which would make the result of 64 bits, unless it was written as a
// number.
bool is_plain_number(const at::Tensor& tensor);

// An input that the graph knows; nothing where it does not, or knows something else.
template <typename T>
std::optional<T> constant(torch::jit::Value* value) {
    auto known = torch::jit::toIValue(value);
    if (!known) return std::nullopt;
    if constexpr (std::is_same_v<T, at::Tensor>) {
        if (known->isTensor()) return known->toTensor();
    } else if constexpr (std::is_same_v<T, double>) {
        if (known->isScalar() && !known->isComplexDouble()) return known->toScalar().toDouble();
        if (known->isTensor() && is_plain_number(known->toTensor())) return known->toTensor().item<double>();
    } else if constexpr (std::is_same_v<T, int64_t>) {
        if (known->isInt()) return known->toInt();
    } else if constexpr (std::is_same_v<T, bool>) {
        if (known->isBool()) return known->toBool();
    } else if constexpr (std::is_same_v<T, std::vector<int64_t>>) {
        if (known->isIntList()) return known->toIntVector();
    } else if constexpr (std::is_same_v<T, std::string>) {
        if (known->isString()) return known->toStringRef();
    }
    return std::nullopt;
}

// Whether it is a whole number, small enough that 64 bits of a fraction hold it.
bool is_whole(torch::jit::Value* value);

// An input's number; `fallback` where the node has no such input.
std::optional<double> number(Node* node, size_t input, double fallback);

// A vector of 32 bits of so many numbers; where it is none, one of `fallback`.
std::optional<at::Tensor> float_vector(torch::jit::Value* value, int64_t count, double fallback);

// Whether it is known, of 32 bits and of so many dimensions.
bool float_constant(const std::optional<at::Tensor>& tensor, int64_t dimensions);

// A list of two, where one number may stand for both.
std::optional<std::vector<int64_t>> constant_pair(torch::jit::Value* value);

bool only_use(torch::jit::Value* value);

}  // namespace sconce
