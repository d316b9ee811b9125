// The first layers of a network make much of a picture and have few weights: they go through few pictures at a time, whose numbers stay in
// the processor's cache from layer to layer, each thread through its own. The later ones have more weights than numbers: they go through
// the whole batch, so that weights are read once. Where that changes follows from the shapes alone.
#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "invalid.h"
#include "pictures.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/library.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace sconce {
namespace {

constexpr int64_t CacheBytes = int64_t{4} << 20;   // of a layer's input and result for the pictures that go together

using Sizes = std::array<int64_t, 3>;   // channels, rows, columns

int64_t bytes(const Sizes& sizes) { return sizes[0] * sizes[1] * sizes[2] * static_cast<int64_t>(sizeof(float)); }

}  // namespace

Pictures::Pictures(std::vector<PictureStep> given) : steps(std::move(given)), last_use(steps.size() + 1, 0) {
    for (size_t k = 0; k < steps.size(); k++) {
        last_use[steps[k].input] = k;
        for (size_t other : steps[k].others) last_use[other] = k;
    }
    last_use[steps.size()] = steps.size();
}

// Which steps are taken few pictures at a time, and how few.
Pictures::Apart Pictures::apart(const at::Tensor& batch) const {
    std::vector<Sizes> values{{batch.size(1), batch.size(2), batch.size(3)}};
    int64_t numbers = 0, weights = 0, largest = 0, widest = 1;
    Apart found{0, 1, {}};
    for (size_t k = 0; k < steps.size(); k++) {
        auto& step = steps[k];
        Sizes from = values[step.input], made = from;
        for (int axis = 0; axis < 2; axis++) {
            int64_t size = from[static_cast<size_t>(axis) + 1];
            made[static_cast<size_t>(axis) + 1] =
                step.layer ? step.layer->result_size(size, axis) : pooled_size(size, step.window, static_cast<size_t>(axis));
        }
        if (step.layer) made[0] = step.layer->channels();
        values.push_back(made);
        int64_t touched = bytes(from) + bytes(made) * static_cast<int64_t>(1 + step.others.size());
        numbers += touched;
        largest = std::max(largest, touched);
        if (step.layer) weights += step.layer->weight_bytes(batch.size(0), from[1], from[2]);
        if (!step.cut) continue;
        if (numbers < weights) break;
        widest = std::max(widest, largest);
        found = {k + 1, std::max<int64_t>(1, CacheBytes / widest), {batch.size(0), made[0], made[1], made[2]}};
        numbers = weights = largest = 0;
    }
    return found;
}

// Whether numbers that are none were met is asked once, and sums are written over what they add, if nothing reads it later: it is in the
// cache already. Where some were met, once more with care.
at::Tensor Pictures::through(const at::Tensor& pictures, size_t first, size_t last) const {
    if (tells_no_number()) {
        met_no_number();   // what happened before is not meant
        at::Tensor made = through(pictures, first, last, false);
        if (!met_no_number()) return made;
    }
    return through(pictures, first, last, true);
}

at::Tensor Pictures::through(const at::Tensor& pictures, size_t first, size_t last, bool watched) const {
    std::vector<at::Tensor> values(steps.size() + 1);
    values[first] = pictures;
    for (size_t k = first; k < last; k++) {
        auto& step = steps[k];
        at::Tensor& input = values[step.input];
        if (step.layer) {
            std::vector<at::Tensor> others;
            for (size_t other : step.others) others.push_back(values[other]);
            // The pictures themselves are not ours.
            bool spare = others.size() == 1 && step.others[0] != first && step.others[0] != step.input && last_use[step.others[0]] == k;
            values[k + 1] = step.layer->run(input, others, watched ? Care::Watched : spare ? Care::Over : Care::Unwatched);
        } else {
            values[k + 1] = largest_of_windows(input, step.window);
        }
        for (size_t read : step.others) {
            if (last_use[read] == k) values[read].reset();
        }
        if (last_use[step.input] == k) input.reset();
    }
    return values[last];
}

at::Tensor Pictures::run(const at::Tensor& batch) const {
    TORCH_CHECK(batch.dim() == 4, "a batch of pictures has four dimensions, not the shape ", batch.sizes());
    int64_t count = batch.size(0);
    Apart way = apart(batch);
    if (way.until == 0 || way.together >= count) return through(batch, 0, steps.size());
    at::Tensor all = at::empty(way.sizes, batch.options(), at::MemoryFormat::ChannelsLast);
    int64_t each = all.numel() / count, parts = (count + way.together - 1) / way.together, threads = at::get_num_threads();
    auto few = [&](int64_t first, int64_t last) {
        for (int64_t k = first * way.together; k < last * way.together && k < count; k += way.together) {
            int64_t some = std::min(way.together, count - k);
            at::Tensor made = through(batch.narrow(0, k, some), 0, way.until).contiguous(at::MemoryFormat::ChannelsLast);
            TORCH_CHECK(made.numel() == each * some, "pictures: layers made ", made.sizes(), " of a part of ", way.sizes);
            std::memcpy(all.data_ptr<float>() + k * each, made.data_ptr<float>(), sizeof(float) * made.numel());
        }
    };
    // As many parts as the threads share evenly go side by side; what is left over has all threads in each layer.
    int64_t even = threads > 1 && !at::in_parallel_region() ? parts / threads * threads : 0;
    bool inference = c10::InferenceMode::is_enabled();
    if (even > 0) {
        at::parallel_for(0, even, 1, [&](int64_t first, int64_t last) {
            c10::InferenceMode mode(inference);
            few(first, last);
        });
    }
    few(even, parts);
    return through(all, way.until, steps.size());
}

TORCH_LIBRARY_FRAGMENT(sconce, library) {
    library.class_<Pictures>("Pictures");
    library.def("pictures(Tensor batch, __torch__.torch.classes.sconce.Pictures layers) -> Tensor",
        [](const at::Tensor& batch, const c10::intrusive_ptr<Pictures>& layers) { return layers->run(batch); });
}

}  // namespace sconce
#endif
