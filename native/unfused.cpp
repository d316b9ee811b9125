#include "unfused.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <stdexcept>

namespace sconce {
namespace {

at::Scalar scalar(double value, bool whole) { return whole ? at::Scalar(static_cast<int64_t>(value)) : at::Scalar(value); }

}  // namespace

at::Tensor apply(const at::Tensor& x, const PostOperation& operation, const at::Tensor& other) {
    switch (operation.kind) {
        case After::Relu: return at::relu(x);
        case After::Clamp: return at::clamp(x, scalar(operation.alpha, operation.whole), scalar(operation.beta, operation.whole));
        case After::Silu: return at::silu(x);
        case After::Gelu: return at::gelu(x);
        case After::GeluTanh: return at::gelu(x, "tanh");
        case After::Sigmoid: return at::sigmoid(x);
        case After::Tanh: return at::tanh(x);
        case After::HardSwish: return at::hardswish(x);
        case After::LeakyRelu: return at::leaky_relu(x, operation.alpha);
        case After::Elu: return at::elu(x, operation.alpha);
        case After::Linear: return x * scalar(operation.alpha, operation.whole) + scalar(operation.beta, operation.whole);
        case After::Add: return x + other;
    }
    throw std::logic_error("an operation after a layer that nobody wrote");
}

at::Tensor apply(const at::Tensor& left, Combine combine, const at::Tensor& right) {
    switch (combine) {
        case Combine::Add: return left + right;
        case Combine::Subtract: return left - right;
        case Combine::Multiply: return left * right;
        case Combine::Divide: return left / right;
        case Combine::Maximum: return at::maximum(left, right);
        case Combine::Minimum: return at::minimum(left, right);
    }
    throw std::logic_error("a combination of two tensors that nobody wrote");
}

}  // namespace sconce
