// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/spdx_subject.hpp"

#include "domain/printable.hpp"

#include <utility>

namespace binarly::domain {
namespace {

constexpr std::size_t most_held = 256 * 1024;
constexpr std::size_t longest_shown_id = 64;
/// What an element takes beside its texts, about.
constexpr std::size_t overhead = 96;

std::size_t cost_of(std::string_view id, std::string_view checksums) {
  return id.size() + checksums.size() + overhead;
}

}  // namespace

bool spdx_subject::describe(std::string_view id) {
  if (!described_.empty()) return described_ == id;
  described_ = id;
  return true;
}

void spdx_subject::add(held& among, std::string_view id, std::string_view checksums) {
  if (described_.empty()) {
    hold(among, id, checksums);
  } else if (id == described_) {
    take(std::string(checksums));
  }
}

void spdx_subject::hold(held& among, std::string_view id, std::string_view checksums) {
  const auto cost = cost_of(id, checksums);
  // The very first one is held whatever its size: it may be the subject by default.
  if (among.last.empty() && (among.first.empty() || among.first_size + cost <= most_held)) {
    among.first.push_back({std::string(id), std::string(checksums)});
    among.first_size += cost;
    return;
  }
  among.last_size += cost;
  element next;
  while (among.last_size > most_held && !among.last.empty()) {
    next = std::move(among.last.front());
    among.last.pop_front();
    among.last_size -= cost_of(next.id, next.checksums);
    among.complete = false;
  }
  // In the room of the one that had to go.
  next.id.assign(id);
  next.checksums.assign(checksums);
  among.last.push_back(std::move(next));
}

void spdx_subject::take(const std::string& checksums) {
  twice_ = twice_ || found_.has_value();
  found_ = checksums;
}

void spdx_subject::look_through(const std::deque<element>& some) {
  for (const auto& each : some) {
    if (each.id == described_) take(each.checksums);
  }
}

std::optional<std::string> spdx_subject::find() {
  if (described_.empty()) {
    return packages_.first.empty() ? std::string() : packages_.first.front().checksums;
  }
  for (const auto* const among : {&packages_, &files_}) {
    look_through(among->first);
    look_through(among->last);
  }
  const std::string what = "\"" + printable(described_, longest_shown_id) + "\"";
  if (twice_) {
    flaw_ = "the document describes " + what + ", which it holds twice";
  } else if (!found_) {
    flaw_ = "the document describes " + what +
            (packages_.complete && files_.complete
                 ? ", which it does not hold"
                 : ", which is not among its first or last packages or files");
  }
  return flaw_.empty() ? std::exchange(found_, std::nullopt) : std::nullopt;
}

}  // namespace binarly::domain
