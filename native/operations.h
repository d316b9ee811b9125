// Operators on single numbers, as packed graphs know them.
#pragma once

namespace sconce {

// What happens to a layer's result before it is written: a function of each number, or the sum with another tensor of the same shape.
enum class After { Relu, Clamp, Silu, Gelu, GeluTanh, Sigmoid, Tanh, HardSwish, LeakyRelu, Elu, Linear, Add };

struct PostOperation {
    After kind;
    double alpha = 0, beta = 0;   // Clamp: from, to. LeakyRelu, Elu: the slope. Linear: alpha * x + beta.
    bool whole = false;           // alpha and beta are whole numbers of the graph: they make no fractions of tensors of whole numbers
};

// What two numbers become.
enum class Combine { Add, Subtract, Multiply, Divide, Maximum, Minimum };

}  // namespace sconce
