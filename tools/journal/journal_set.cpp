// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/journal/journal_set.hpp"

#include "tools/exit_code.hpp"
#include "tools/journal/journal_reader.hpp"
#include "tools/text.hpp"

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace binarly::tools {

std::string explain(row_marks::trouble what, std::uint64_t row, const std::string& place) {
  if (what == row_marks::trouble::twice) {
    return place + ": row " + grouped(row) +
           " has a final verdict already; these are results of several runs: give those of one run "
           "and its shards";
  }
  return place + ": row " + grouped(row) +
         " has other contents than before; these are results of another manifest";
}

journal_set::journal_set(std::vector<member> members) : members_(std::move(members)) {
  for (const auto& [file, name] : members_) {
    if (::lseek(file, 0, SEEK_SET) < 0) {
      throw command_error(exit_code::usage, name + " cannot be read twice, as it must be: " +
                                                std::generic_category().message(errno) +
                                                "; give a file");
    }
    damage_log damage;
    bool any = false;
    journal_reader reader(file, name, [&](const damaged_part& part) {
      damage.add(part);
      damage_.add(part);
    });
    while (const auto entry = reader.next()) {
      any = true;
      const auto trouble = marks_.add(*entry);
      if (trouble != row_marks::trouble::none) {
        throw command_error(exit_code::usage, explain(trouble, entry->row, reader.place()));
      }
      if (!marks_.repeated()) whole_.add(*entry);
    }
    if (!any && damage.count() != 0) {
      throw command_error(exit_code::usage, damage.shown().front() + "; nothing was changed");
    }
    sizes_.push_back(reader.size());
  }
  if (!marks_.repeated()) return;
  whole_ = tally();
  for_each_row([this](const journal_entry& row) { whole_.add(row); });
}

void journal_set::for_each_row(const std::function<void(const journal_entry&)>& take) {
  for (std::size_t each = 0; each < members_.size(); ++each) {
    const auto& [file, name] = members_[each];
    ::lseek(file, 0, SEEK_SET);
    journal_reader reader(
        file, name, [](const damaged_part&) {}, sizes_[each]);
    while (const auto entry = reader.next()) {
      if (marks_.is_last(*entry)) take(*entry);
    }
  }
}

}  // namespace binarly::tools
