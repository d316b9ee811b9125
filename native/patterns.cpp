// Shuffles, attention and operators on single numbers that packed graphs (fuse.cpp) have kernels of their own for.
#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "patterns.h"

#include <algorithm>

namespace sconce {

std::optional<Reordering> shuffle_at(Node* last, const Changing& changing) {
    if (!is(last, "aten::reshape")) return std::nullopt;
    Node* middle = last->input(0)->node();
    if (!is(middle, "aten::transpose") || !only_use(middle->output())) return std::nullopt;
    Node* first = middle->input(0)->node();
    if (!is(first, "aten::reshape") || !only_use(first->output()) || changing(first->input(0))
        || changing(last->output())) return std::nullopt;
    auto split = constant<std::vector<int64_t>>(first->input(1)), joined = constant<std::vector<int64_t>>(last->input(1));
    auto one = constant<int64_t>(middle->input(1)), other = constant<int64_t>(middle->input(2));
    if (!split || !joined || split->size() != 5 || joined->size() != 4 || !one || !other || std::min(*one, *other) != 1
        || std::max(*one, *other) != 2) return std::nullopt;
    auto &s = *split, &j = *joined;
    if (s[0] != j[0] || s[1] <= 0 || s[2] <= 0 || s[1] * s[2] != j[1] || s[3] != j[2] || s[4] != j[3]) return std::nullopt;
    Reordering found{first->input(0), {}};
    for (int64_t q = 0; q < s[2]; q++) {
        for (int64_t p = 0; p < s[1]; p++) found.index.push_back(p * s[2] + q);
    }
    return found;
}

namespace {

bool is_product(Node* node) { return is(node, "aten::matmul") || is(node, "aten::bmm"); }

// Keys as they were before their last two dimensions changed places. A frozen graph knows no ranks: a batch of products has 3 dimensions,
// others 4 where they are counted from the front; what else there may be, the kernel refuses.
torch::jit::Value* before_transposition(torch::jit::Value* value, int64_t dimensions) {
    Node* node = value->node();
    if (!is(node, "aten::transpose")) return nullptr;
    auto one = constant<int64_t>(node->input(1)), other = constant<int64_t>(node->input(2));
    if (!one || !other) return nullptr;
    auto counted = [&](int64_t k) { return k < 0 ? k + dimensions : k; };
    int64_t low = std::min(counted(*one), counted(*other)), high = std::max(counted(*one), counted(*other));
    return low == dimensions - 2 && high == dimensions - 1 ? node->input(0) : nullptr;
}

}  // namespace

std::optional<Attention> attention_at(Node* softmax, const Changing& changing) {
    if (!is(softmax, "aten::softmax") || !only_use(softmax->output()) || !softmax->input(2)->mustBeNone()) return std::nullopt;
    Node* last = softmax->output()->uses()[0].user;
    auto along = constant<int64_t>(softmax->input(1));
    if (!is_product(last) || last->input(0) != softmax->output() || !along) return std::nullopt;
    int64_t dimensions = is(last, "aten::bmm") ? 3 : 4;
    if (*along != -1 && *along != dimensions - 1) return std::nullopt;
    double scale = 1;
    auto* scores = softmax->input(0);
    if (changing(softmax->output())) return std::nullopt;
    while (only_use(scores) && !changing(scores)) {
        Node* node = scores->node();
        if (is(node, "aten::mul") || is(node, "aten::div")) {
            auto factor = constant<double>(node->input(1));
            if (!factor || *factor == 0) return std::nullopt;
            scale *= is(node, "aten::mul") ? *factor : 1 / *factor;
            scores = node->input(0);
            continue;
        }
        bool sum = is(node, "aten::baddbmm");
        if (!sum && !is_product(node)) return std::nullopt;
        if (sum && constant<double>(node->input(3)) != 0.0) return std::nullopt;
        auto factor = sum ? constant<double>(node->input(4)) : 1.0;
        auto *query = node->input(sum ? 1 : 0), *key = before_transposition(node->input(sum ? 2 : 1), dimensions);
        if (!factor || !key || changing(query) || changing(key) || changing(last->input(1))) return std::nullopt;
        return Attention{query, key, last->input(1), scale * *factor, last};
    }
    return std::nullopt;
}

namespace {

// Each number once: an order of things.
bool is_order(std::vector<int64_t> index) {
    std::sort(index.begin(), index.end());
    for (size_t k = 0; k < index.size(); k++) {
        if (index[k] != static_cast<int64_t>(k)) return false;
    }
    return !index.empty();
}

std::optional<std::vector<int64_t>> order_of_channels(Node* node) {
    std::optional<std::vector<int64_t>> index;
    if (is(node, "sconce::channels")) {
        index = constant<std::vector<int64_t>>(node->input(1));
    } else if (is(node, "aten::index_select") && constant<int64_t>(node->input(1)) == 1) {
        auto known = constant<at::Tensor>(node->input(2));
        if (known && known->defined() && known->scalar_type() == at::kLong && known->dim() == 1)
            index = std::vector<int64_t>(known->data_ptr<int64_t>(), known->data_ptr<int64_t>() + known->numel());
    }
    return index && is_order(*index) ? index : std::nullopt;
}

std::optional<Combine> combination(Node* node) {
    auto tensor = [](torch::jit::Value* value) { return value->type()->kind() == c10::TypeKind::TensorType; };
    if (node->inputs().size() < 2 || !tensor(node->input(0)) || !tensor(node->input(1))) return std::nullopt;
    bool sum = is(node, "aten::add"), difference = is(node, "aten::sub");
    if (sum || difference) {
        if (node->inputs().size() != 3 || constant<double>(node->input(2)) != 1.0) return std::nullopt;
        return sum ? Combine::Add : Combine::Subtract;
    }
    if (is(node, "aten::mul")) return Combine::Multiply;
    if (is(node, "aten::div") && node->inputs().size() == 2) return Combine::Divide;
    if (is(node, "aten::maximum")) return Combine::Maximum;
    if (is(node, "aten::minimum")) return Combine::Minimum;
    return std::nullopt;
}

}  // namespace

std::optional<Elementwise> elementwise_at(Node* node, const Changing& changing) {
    using Kind = Instruction::Kind;
    if (node->outputs().size() != 1 || node->inputs().empty() || changing(node->output())) return std::nullopt;
    for (auto* input : node->inputs()) {
        if (changing(input)) return std::nullopt;
    }
    if (auto index = order_of_channels(node))
        return Elementwise{node->input(0), nullptr, {{Kind::Channels, 0, 0, {After::Relu}, Combine::Add, *index}}};
    Elementwise found{node->input(0), nullptr, {}};
    for (auto& operation : activation(node)) {
        if (operation.kind == After::Elu) return std::nullopt;
        found.instructions.push_back({Kind::Function, 0, 0, operation, Combine::Add, {}});
    }
    if (!found.instructions.empty()) return found;
    auto combine = combination(node);
    if (!combine) return std::nullopt;
    return Elementwise{node->input(0), node->input(1), {{Kind::Combination, 0, 0, {After::Relu}, *combine, {}}}};
}

}  // namespace sconce
#endif
