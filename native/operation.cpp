// Operators by name. What of their arguments depends on libtorch's version is settled here alone: newer ones append arguments, and rename some.
#include "operation.h"

#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>

namespace sconce {
namespace {

std::vector<std::string> split(const char* text) {
    std::vector<std::string> parts;
    std::stringstream stream(text);
    for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
    return parts;
}

// `from` became `from_`, as words of Python had to.
std::string plain_name(std::string name) {
    if (!name.empty() && name.back() == '_') name.pop_back();
    return name;
}

std::invalid_argument refused(const c10::FunctionSchema& schema, const std::string& what) {
    return std::invalid_argument(what + ". Its schema in the libtorch in use: " + c10::toString(schema));
}

}  // namespace

Operation::Operation(c10::OperatorHandle handle, const char* known) : handle(std::move(handle)) {
    auto& arguments = schema().arguments();
    if (!known) {
        plain = static_cast<int32_t>(arguments.size());
        return;
    }

    auto given = split(known);
    names = static_cast<int32_t>(given.size());
    std::vector<bool> taken(given.size());
    bool straight = given.size() == arguments.size();
    for (size_t k = 0; k < arguments.size(); k++) {
        int32_t found = -1;
        for (size_t g = 0; g < given.size() && found < 0; g++) {
            if (!taken[g] && plain_name(given[g]) == plain_name(arguments[k].name())) found = static_cast<int32_t>(g);
        }
        if (found >= 0) taken[found] = true;
        if (found < 0 && !arguments[k].default_value()) throw refused(schema(), "it asks for '" + arguments[k].name() + "', which is not given here and has no default");
        straight &= found == static_cast<int32_t>(k);
        places.push_back(found);
    }
    for (size_t g = 0; g < given.size(); g++) {
        if (!taken[g]) throw refused(schema(), "it has no argument '" + given[g] + "'");
    }
    if (straight) plain = names;
}

std::vector<int32_t> Operation::arrange(int32_t count) const {
    auto& arguments = schema().arguments();
    int32_t wanted = names >= 0 ? names : static_cast<int32_t>(arguments.size());
    if (count > wanted || (names >= 0 && count < wanted)) {
        throw refused(schema(), std::to_string(count) + (count == 1 ? " argument" : " arguments") + " where there are " + std::to_string(wanted));
    }
    if (names >= 0) return places;

    std::vector<int32_t> first;
    for (int32_t k = 0; k < wanted; k++) {
        if (k >= count && !arguments[k].default_value()) throw refused(schema(), "'" + arguments[k].name() + "' is missing and has no default");
        first.push_back(k < count ? k : -1);
    }
    return first;
}

c10::IValue Operation::standard(size_t argument) const { return *schema().arguments()[argument].default_value(); }

}  // namespace sconce

// The operator of `name` and `overload`, or null and an error. It lives as long as libtorch, and is made once however often it is asked for.
SCONCE_API void* sc_operator(const char* name, const char* overload, const char* known) {
    static std::mutex gate;
    static auto& found = *new std::map<std::string, std::unique_ptr<sconce::Operation>>;
    return guarded<void*>(nullptr, [&]() -> void* {
        std::string key = std::string(name) + '.' + overload + (known ? std::string("(") + known : std::string());
        std::lock_guard<std::mutex> lock(gate);
        auto place = found.find(key);
        if (place != found.end()) return place->second.get();
        auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
        if (!handle) throw std::invalid_argument("the libtorch in use has no such operator");
        return (found[key] = std::make_unique<sconce::Operation>(*handle, known)).get();
    });
}

SCONCE_API int32_t sc_operator_exists(const char* name, const char* overload) {
    return guarded<int32_t>(0, [&] { return c10::Dispatcher::singleton().findSchema({name, overload}).has_value() ? 1 : 0; });
}

SCONCE_API char* sc_operator_schema(void* op) {
    return guarded<char*>(nullptr, [&] { return copy_text(c10::toString(static_cast<sconce::Operation*>(op)->schema())); });
}
