// What is made once for each shape and used again: the latest are kept, the others forgotten, so that a network asked for ever new shapes
// does not grow.
#pragma once
#include <list>
#include <map>
#include <memory>
#include <mutex>

namespace sconce {

template <typename Key, typename Made>
class Cache {
public:
    static constexpr size_t Most = 32;

    // Whoever is given one keeps it, though it be forgotten here meanwhile.
    template <typename Make>
    std::shared_ptr<Made> get(const Key& key, Make&& make) {
        std::lock_guard<std::mutex> held(lock);
        auto found = places.find(key);
        if (found != places.end()) {
            latest.splice(latest.begin(), latest, found->second);
            return latest.front().second;
        }
        latest.emplace_front(key, std::make_shared<Made>(make()));
        places[key] = latest.begin();
        if (latest.size() > Most) {
            places.erase(latest.back().first);
            latest.pop_back();
        }
        return latest.front().second;
    }

private:
    using Entries = std::list<std::pair<Key, std::shared_ptr<Made>>>;

    std::mutex lock;
    Entries latest;
    std::map<Key, typename Entries::iterator> places;
};

}  // namespace sconce
