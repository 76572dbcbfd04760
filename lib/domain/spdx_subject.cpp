// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/spdx_subject.hpp"

#include "domain/printable.hpp"

#include <unordered_map>
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

std::string shown(std::string_view id) { return "\"" + printable(id, longest_shown_id) + "\""; }

}  // namespace

void spdx_subject::describe(std::string_view id) {
  if (described_.empty()) {
    described_ = id;
  } else if (described_too_.empty() && described_ != id) {
    described_too_ = id;
  }
}

void spdx_subject::add(held& among, std::string_view id, std::string_view checksums) {
  const std::string_view awaited = known_ ? std::string_view(*known_) : described_;
  if (awaited.empty()) {
    hold(among, id, checksums);
  } else if (id == awaited) {
    take(checksums);
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

void spdx_subject::take(std::string_view checksums) {
  differs_ = differs_ || (found_ && *found_ != checksums);
  found_ = checksums;
}

void spdx_subject::add_collection(bool document, std::string_view id,
                                  const std::vector<std::string>& roots) {
  std::size_t cost = cost_of(id, {});
  for (const auto& root : roots)
    cost += cost_of(root, {});
  collections_size_ += cost;
  too_many_collections_ = collections_size_ > most_held;
  if (!too_many_collections_) collections_.push_back({document, std::string(id), roots});
}

void spdx_subject::add_description(std::string_view from, std::string_view to) {
  descriptions_size_ += cost_of(from, to);
  too_many_descriptions_ = descriptions_size_ > most_held;
  if (!too_many_descriptions_) descriptions_.emplace_back(from, to);
}

/// From the document, by way of the collections that it is about, to what these are about.
void spdx_subject::find_described() {
  std::unordered_multimap<std::string_view, collection*> by_id;
  for (auto& each : collections_)
    by_id.emplace(each.id, &each);
  std::vector<collection*> ways;
  const auto lead_to = [&](std::string_view id) {
    const auto [begin, end] = by_id.equal_range(id);
    if (begin == end) describe(id);
    for (auto each = begin; each != end; ++each)
      ways.push_back(each->second);
  };
  const auto follow = [&] {
    while (!ways.empty()) {
      auto& here = *ways.back();
      ways.pop_back();
      // Taken, so that a circle ends.
      for (const auto& root : std::exchange(here.roots, {}))
        lead_to(root);
    }
  };
  for (auto& each : collections_) {
    if (each.document) ways.push_back(&each);
  }
  follow();
  if (!described_.empty()) return;
  for (auto& each : collections_)
    ways.push_back(&each);
  follow();
  if (!described_.empty()) return;
  for (const auto& [from, to] : descriptions_) {
    if (by_id.contains(from)) lead_to(to);
  }
  // Those to which they lead have been followed before.
  ways.clear();
}

void spdx_subject::look_through(const std::deque<element>& some) {
  for (const auto& each : some) {
    if (each.id == described_) take(each.checksums);
  }
}

std::string spdx_subject::unsaid() const {
  if (too_many_collections_ || (too_many_descriptions_ && described_.empty()))
    return "the report has too many root elements to find out which thing is the image";
  if (!described_too_.empty()) {
    return "the report does not say which thing is the image: it describes " + shown(described_) +
           " and " + shown(described_too_);
  }
  if (described_.empty() && describes_nothing_) return "the report says that it describes nothing";
  if (described_.empty() && package_count_ > 1) {
    return "the report does not say which package is the image, and has " +
           std::to_string(package_count_) + " of them";
  }
  return {};
}

spdx_finding spdx_subject::find() {
  find_described();
  spdx_finding out;
  out.flaw = unsaid();
  if (known_ && (!out.flaw.empty() || described_ != *known_)) out.changed = true;
  if (!out.flaw.empty() || out.changed) return out;
  if (described_.empty()) {
    if (!packages_.first.empty()) out.checksums = packages_.first.front().checksums;
    return out;
  }
  for (const auto* const among : {&packages_, &files_}) {
    look_through(among->first);
    look_through(among->last);
  }
  const bool complete = known_ || (packages_.complete && files_.complete);
  if (differs_) {
    out.flaw = "the report describes " + shown(described_) + ", which it holds twice";
  } else if (found_) {
    out.checksums = *std::exchange(found_, std::nullopt);
  } else if (complete) {
    out.flaw =
        "the report describes " + shown(described_) + ", which is none of its packages and files";
  } else {
    out.flaw = "the report describes " + shown(described_) + ", which was let go before it said so";
    out.let_go = described_;
  }
  return out;
}

}  // namespace binarly::domain
