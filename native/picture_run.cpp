#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "picture_run.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace sconce {
namespace {

using torch::jit::Value;

constexpr size_t Fewest = 4;   // steps: what passes through fewer gains nothing by staying in the cache

class Finder {
public:
    Finder(torch::jit::Graph& graph, const Changing& changing, const std::function<c10::intrusive_ptr<Packed>(const std::string&)>& layer)
        : graph(graph), changing(changing), layer(layer) {}

    PictureRun find() {
        std::vector<Node*> nodes;
        values = {graph.inputs()[1]};
        numbers[values[0]] = 0;
        PictureRun run;
        for (auto* node : graph.nodes()) {
            auto step = step_of(node);
            if (!step) continue;
            run.steps.push_back(std::move(*step));
            nodes.push_back(node);
            order[node] = nodes.size() - 1;
            numbers[node->output()] = nodes.size();
            values.push_back(node->output());
        }
        size_t length = 0, read = 0;
        for (size_t k = 0; k < nodes.size(); k++) {
            read = std::max(read, last_reader(values[k]));
            run.steps[k].cut = read <= k;
            if (run.steps[k].cut) length = k + 1;
        }
        run.steps.resize(length);
        if (length >= Fewest) run.last = nodes[length - 1];
        return run;
    }

private:
    std::optional<PictureStep> step_of(Node* node) const {
        if (node->inputs().empty() || node->outputs().size() != 1 || !numbers.count(node->input(0)) || changing(node->input(0))
            || changing(node->output(0))) return std::nullopt;
        PictureStep step;
        step.input = numbers.at(node->input(0));
        if (is(node, "sconce::packed")) {
            step.layer = layer(node->input(1)->node()->s(c10::attr::name));
            if (!step.layer->is_convolution()) return std::nullopt;
            for (auto* other : node->input(2)->node()->inputs()) {
                auto known = numbers.find(other);
                if (known == numbers.end() || changing(other)) return std::nullopt;
                step.others.push_back(known->second);
            }
            return step;
        }
        // A pooling has no picture of its own before the first layer, which takes batches alone.
        if (!is(node, "aten::max_pool2d") || step.input == 0) return std::nullopt;
        auto window = constant_pair(node->input(1)), stride = constant_pair(node->input(2)), padding = constant_pair(node->input(3)),
             dilation = constant_pair(node->input(4));
        auto ceil = constant<bool>(node->input(5));
        if (!window || !stride || !padding || !dilation || !ceil) return std::nullopt;
        step.window = {*window, stride->empty() ? *window : *stride, *padding, *dilation, *ceil};
        return step;
    }

    // The last step that reads a value; none that is known where others read it too.
    size_t last_reader(Value* value) const {
        size_t last = 0;
        for (auto& use : value->uses()) {
            if (is(use.user, "prim::ListConstruct")) {
                for (auto& listed : use.user->output()->uses()) last = std::max(last, number_of(listed.user));
            } else {
                last = std::max(last, number_of(use.user));
            }
        }
        return last;
    }

    size_t number_of(Node* node) const {
        auto found = order.find(node);
        return found == order.end() ? SIZE_MAX : found->second;
    }

    torch::jit::Graph& graph;
    const Changing& changing;
    const std::function<c10::intrusive_ptr<Packed>(const std::string&)>& layer;
    std::vector<Value*> values;
    std::unordered_map<Value*, size_t> numbers;
    std::unordered_map<Node*, size_t> order;
};

}  // namespace

PictureRun picture_run(torch::jit::Graph& graph, const Changing& changing,
    const std::function<c10::intrusive_ptr<Packed>(const std::string&)>& layer) {
    return Finder(graph, changing, layer).find();
}

}  // namespace sconce
#endif
