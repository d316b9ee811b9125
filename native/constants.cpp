#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "constants.h"

#include <ATen/Functions.h>

#include <cmath>

namespace sconce {

bool is(const Node* node, const char* name) { return node->kind() == c10::Symbol::fromQualString(name); }

bool is_plain_number(const at::Tensor& tensor) {
    if (!tensor.defined() || tensor.dim() != 0) return false;
    bool written = tensor.unsafeGetTensorImpl()->is_wrapped_number();
    return written || tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kLong;
}

bool is_whole(torch::jit::Value* value) {
    auto known = torch::jit::toIValue(value);
    if (!known || !constant<double>(value)) return false;
    bool integer = known->isTensor() ? known->toTensor().scalar_type() == at::kLong : known->toScalar().isIntegral(false);
    return integer && std::abs(*constant<double>(value)) <= 9007199254740992.0;
}

std::optional<double> number(Node* node, size_t input, double fallback) {
    return node->inputs().size() > input ? constant<double>(node->input(input)) : fallback;
}

std::optional<at::Tensor> float_vector(torch::jit::Value* value, int64_t count, double fallback) {
    if (value->mustBeNone()) return at::full({count}, fallback);
    auto found = constant<at::Tensor>(value);
    return float_constant(found, 1) && found->size(0) == count ? std::optional<at::Tensor>(found->contiguous()) : std::nullopt;
}

bool float_constant(const std::optional<at::Tensor>& tensor, int64_t dimensions) {
    return tensor && tensor->defined() && tensor->scalar_type() == at::kFloat && tensor->dim() == dimensions && tensor->device().is_cpu();
}

std::optional<std::vector<int64_t>> constant_pair(torch::jit::Value* value) {
    auto sizes = constant<std::vector<int64_t>>(value);
    return sizes && sizes->size() == 1 ? std::vector<int64_t>{(*sizes)[0], (*sizes)[0]} : sizes;
}

bool only_use(torch::jit::Value* value) { return value->uses().size() == 1; }

}  // namespace sconce
#endif
