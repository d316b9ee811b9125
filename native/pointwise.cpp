#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "pointwise.h"
#include "unfused.h"
#include "vectors.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace sconce {
namespace {

constexpr int64_t BlockFloats = 1024;           // of each operand: all of them stay in the first cache
constexpr int64_t FloatsForAThread = 16 * 1024;

// What all operands are spread to: samples of pixels of channels. Numbers of one shape, whatever it is, are one sample of pixels of one channel.
struct Extent {
    int64_t samples, pixels, channels;
    bool flat;                // all lie in memory alike, whatever their order
    std::vector<bool> gate;   // of each operand: one number for a channel of a sample, whatever the pixel
};

bool plain(const at::Tensor& tensor) { return tensor.scalar_type() == at::kFloat && tensor.device().is_cpu() && tensor.layout() == at::kStrided; }

// Nothing where the shapes are others.
std::optional<Extent> extent_of(const std::vector<at::Tensor>& operands, bool reorders) {
    if (operands.empty() || !std::all_of(operands.begin(), operands.end(), plain)) return std::nullopt;
    auto& first = operands[0];
    bool same = std::all_of(operands.begin(), operands.end(), [&](const at::Tensor& each) { return each.sizes() == first.sizes() && each.strides() == first.strides(); });
    if (same && !reorders && first.is_non_overlapping_and_dense()) return Extent{1, first.numel(), 1, true,
        std::vector<bool>(operands.size(), false)};

    const at::Tensor* picture = nullptr;
    for (auto& each : operands) {
        if (each.dim() != 4) return std::nullopt;
        if (!picture || each.size(2) * each.size(3) > picture->size(2) * picture->size(3)) picture = &each;
    }
    Extent found{picture->size(0), picture->size(2) * picture->size(3), picture->size(1), false, {}};
    for (auto& each : operands) {
        if (each.size(0) != found.samples || each.size(1) != found.channels) return std::nullopt;
        bool gate = each.size(2) == 1 && each.size(3) == 1;
        if (!gate && (each.size(2) != picture->size(2) || each.size(3) != picture->size(3))) return std::nullopt;
        found.gate.push_back(gate && found.pixels > 1);
    }
    return found;
}

void channels(const float* from, float* to, int64_t pixels, const std::vector<int64_t>& index) {
    size_t count = index.size();
    for (int64_t p = 0; p < pixels; p++, from += count, to += count) {
        for (size_t k = 0; k < count; k++) to[k] = from[index[k]];
    }
}

void compute(const Instruction& instruction, const float* left, const float* right, float* to, int64_t pixels, int64_t channel_count) {
    int64_t count = pixels * channel_count;
    auto& function = instruction.function;
    switch (instruction.kind) {
        case Instruction::Kind::Function: return function_of(function.kind, static_cast<float>(function.alpha), static_cast<float>(function.beta), left, to, count);
        case Instruction::Kind::Combination: return combine(instruction.combine, left, right, to, count);
        case Instruction::Kind::Channels: return channels(left, to, pixels, instruction.index);
    }
}

}  // namespace

at::Tensor Pointwise::run(const std::vector<at::Tensor>& operands) const {
    TORCH_CHECK(operands.size() == inputs, "pointwise: ", operands.size(), " tensors for ", inputs, " inputs");
    bool reorders = std::any_of(instructions.begin(), instructions.end(), [](const Instruction& each) { return each.kind == Instruction::Kind::Channels; });
    auto extent = extent_of(operands, reorders);
    bool fits = extent && std::all_of(instructions.begin(), instructions.end(), [&](const Instruction& each) { return each.index.empty() || static_cast<int64_t>(each.index.size()) == extent->channels; });
    if (!fits) return one_by_one(operands);

    std::vector<at::Tensor> kept;
    std::vector<const float*> sources;
    size_t shape = 0;
    for (size_t k = 0; k < inputs; k++) {
        kept.push_back(extent->flat ? operands[k] : operands[k].contiguous(at::MemoryFormat::ChannelsLast));
        sources.push_back(kept[k].data_ptr<float>());
        if (!extent->gate[k]) shape = k;
    }
    at::Tensor result = at::empty_like(kept[shape]);
    if (result.numel() == 0) return result;
    float* target = result.data_ptr<float>();
    std::vector<bool> gate = extent->gate;   // of each operand of instructions
    for (auto& each : instructions) gate.push_back(gate[each.left] && (each.kind != Instruction::Kind::Combination || gate[each.right]));

    int64_t channel_count = extent->channels, pixels = extent->pixels, step = std::max<int64_t>(1, BlockFloats / channel_count), blocks = (pixels + step - 1) / step, room = step * channel_count;
    at::parallel_for(0, extent->samples * blocks, std::max<int64_t>(1, FloatsForAThread / room), [&](int64_t begin, int64_t end) {
        at::Tensor memory = at::empty({static_cast<int64_t>(gate.size()) * room});
        float* values = memory.data_ptr<float>();
        auto own = [&](size_t operand) { return values + static_cast<int64_t>(operand) * room; };
        std::vector<const float*> now(gate.size());
        int64_t spread = -1;   // the sample whose gates are spread over the pixels of a block
        for (int64_t k = begin; k < end; k++) {
            int64_t sample = k / blocks, first = k % blocks * step, count = std::min(step, pixels - first), offset = (sample * pixels + first) * channel_count;
            bool fresh = spread != sample;
            spread = sample;
            for (size_t input = 0; input < inputs; input++) {
                now[input] = gate[input] ? own(input) : sources[input] + offset;
                if (!gate[input] || !fresh) continue;
                for (int64_t p = 0; p < step; p++) std::memcpy(own(input) + p * channel_count, sources[input] + sample * channel_count, sizeof(float) * static_cast<size_t>(channel_count));
            }
            for (size_t each = 0; each < instructions.size(); each++) {
                size_t number = inputs + each;
                float* to = each + 1 == instructions.size() ? target + offset : own(number);   // the last is no gate: pictures go into it
                now[number] = to;
                if (gate[number] && !fresh) continue;
                auto& instruction = instructions[each];
                compute(instruction, now[instruction.left], now[instruction.right], to, gate[number] ? step : count, channel_count);
            }
        }
    });
    return result;
}

at::Tensor Pointwise::one_by_one(std::vector<at::Tensor> operands) const {
    for (auto& each : instructions) {
        auto& left = operands[each.left];
        switch (each.kind) {
            case Instruction::Kind::Function: operands.push_back(apply(left, each.function)); break;
            case Instruction::Kind::Combination: operands.push_back(apply(left, each.combine, operands[each.right])); break;
            case Instruction::Kind::Channels: operands.push_back(at::index_select(left, 1, at::tensor(each.index, left.options().dtype(at::kLong)))); break;
        }
    }
    return operands.back();
}

TORCH_LIBRARY_FRAGMENT(sconce, library) {
    library.class_<Pointwise>("Pointwise");
    library.def("pointwise(Tensor[] inputs, __torch__.torch.classes.sconce.Pointwise program) -> Tensor",
        [](const std::vector<at::Tensor>& inputs, const c10::intrusive_ptr<Pointwise>& program) { return program->run(inputs); });
}

}  // namespace sconce
#endif
