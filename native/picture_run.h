// The layers of a packed graph that its input goes through, one after the other.
#pragma once
#include "patterns.h"
#include "pictures.h"

#include <functional>
#include <string>
#include <vector>

namespace sconce {

struct PictureRun {
    std::vector<PictureStep> steps;
    Node* last = nullptr;   // of the last step; null where they are too few to gain by it
};

// `layer`: the layer of the module's attribute of this name.
PictureRun picture_run(torch::jit::Graph& graph, const Changing& changing,
    const std::function<c10::intrusive_ptr<Packed>(const std::string&)>& layer);

}  // namespace sconce
