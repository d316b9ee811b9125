// What packed graphs (fuse.cpp) look for in a frozen one.
#pragma once
#include "constants.h"
#include "packed.h"
#include "pointwise.h"

#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

namespace sconce {

// The values whose memory something in a graph writes to, under any name: what reads them stays where it is.
class Changing {
public:
    explicit Changing(const std::shared_ptr<torch::jit::Graph>& graph);

    bool operator()(torch::jit::Value* value) const { return values.count(value) > 0; }

    // `now` stands where `before` stood.
    void renamed(torch::jit::Value* before, torch::jit::Value* now) {
        if (values.count(before)) values.insert(now);
    }

private:
    std::unordered_set<torch::jit::Value*> values;
};

// A convolution or linear layer, and what of its surroundings it takes in: zeros put around its input, and the activations and sums after
// it.
struct Layer {
    Node* node;
    torch::jit::Value* input;
    at::Tensor weight, bias;
    Geometry geometry;
    std::vector<PostOperation> afterwards;
    std::vector<torch::jit::Value*> others;
    std::vector<Node*> taken;   // nodes that it stands for, itself first

    Node* last() const { return taken.back(); }
};

std::optional<Layer> layer_at(Node* node, const Changing& changing);

// What this node does to each number; empty where it does something else.
std::vector<PostOperation> activation(Node* node);

// Channels in another order.
struct Reordering {
    torch::jit::Value* input;
    std::vector<int64_t> index;
};

// A shuffle: two reshapes around a transposition, of which this is the last node.
std::optional<Reordering> shuffle_at(Node* last, const Changing& changing);

// A batch norm with fixed statistics: x * slope + start in each channel.
struct FixedNorm {
    at::Tensor slopes, starts;
};

// Nothing where it is no such norm of so many channels.
std::optional<FixedNorm> fixed_norm(Node* node, int64_t channels);

// Two norms side by side, and a ReLU after them: a batch norm with fixed statistics for the channels before `first`, written as slopes and
// starts, an instance norm for the others, whose slopes and starts come after it.
struct Norms {
    torch::jit::Value* input;
    at::Tensor slopes, starts;
    int64_t first;
    double eps;
    bool relu;
    Node* last;
};

std::optional<Norms> norms_at(Node* cat, const Changing& changing);

// Whether it puts tensors behind one another along their channels.
bool joins_channels(Node* node, const Changing& changing);

// The softmax of scaled products of queries and keys, times values.
struct Attention {
    torch::jit::Value *query, *key, *value;
    double scale;
    Node* last;
};

std::optional<Attention> attention_at(Node* softmax, const Changing& changing);

// An operator on each number: instructions that follow one another, the first of them on left (and right, where there is one).
struct Elementwise {
    torch::jit::Value *left, *right;
    std::vector<Instruction> instructions;
};

std::optional<Elementwise> elementwise_at(Node* node, const Changing& changing);

// Writes x.mul_(y) as x * y, and so on, where nothing holds a view of x: what libtorch's own pass leaves (several changes of one tensor)
// would forbid joining operators.
void make_pure(torch::jit::Graph& graph);

}  // namespace sconce
