// The schemas of every operator that the loaded libtorch has, as libtorch prints them.
#include "sconce.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <sstream>

SCONCE_API char* sc_schemas() {
    return guarded<char*>(nullptr, [] {
        std::ostringstream text;
        auto& dispatcher = c10::Dispatcher::singleton();
        for (const auto& name : dispatcher.getAllOpNames()) {
            if (auto handle = dispatcher.findSchema(name)) text << handle->schema() << '\n';
        }
        return copy_text(text.str());
    });
}
