// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/hash_printer.hpp"

#include "tools/exit_code.hpp"
#include "tools/one_image.hpp"
#include "tools/text.hpp"

#include <algorithm>
#include <cstddef>
#include <iostream>

namespace binarly::tools {
namespace {

constexpr std::size_t longest_path = 8 * 1024;
/// A reason has the place in the report, too.
constexpr std::size_t longest_reason = 1024;

bool concerns(const checksum_flaw& flaw, std::string_view algorithm) {
  return flaw.algorithm.empty() || same_algorithm(flaw.algorithm, algorithm);
}

}  // namespace

void hash_printer::complain(const std::string& line) {
  complaints_ += "binarly-images: " + line + '\n';
}

void hash_printer::tell(const checksum_flaw& flaw, const std::string& name) {
  const std::string reason = printable(flaw.reason, longest_reason);
  complain(flaw.algorithm.empty()
               ? "not every checksum of " + name + " can be told: " + reason
               : "the " + printable(flaw.algorithm) + " of " + name + " cannot be used: " + reason);
}

void hash_printer::add(std::string_view name, std::string_view path,
                       const std::vector<checksum>& all, const std::vector<checksum_flaw>& flaws) {
  const std::string shown = printable(name);
  // By one algorithm, as it was asked for.
  const auto print = [&](const std::string& algorithm) {
    std::size_t count = 0;
    for (const auto& one : all) {
      if (!same_algorithm(one.algorithm, algorithm)) continue;
      ++count;
      text_.append(one.algorithm).append("\t").append(one.value).append("\t").append(name);
      if (!path.empty()) text_.append("\t").append(printable(path, longest_path));
      text_ += '\n';
    }
    if (count > 1) {
      complain(source_ + " has " + std::to_string(count) + " values of " + printable(algorithm) +
               " for " + shown + ", so that it is ambiguous");
    }
    return count != 0;
  };
  if (algorithms_.empty()) {
    for (auto one = all.begin(); one != all.end(); ++one) {
      const bool printed = std::any_of(all.begin(), one, [&](const checksum& before) {
        return same_algorithm(before.algorithm, one->algorithm);
      });
      if (!printed) print(one->algorithm);
    }
    for (const auto& flaw : flaws)
      tell(flaw, shown);
    if (all.empty() && flaws.empty()) complain(source_ + " has no checksum for " + shown);
  }
  for (const auto& algorithm : algorithms_) {
    const bool any = print(algorithm);
    const auto flaw = std::find_if(flaws.begin(), flaws.end(), [&](const checksum_flaw& each) {
      return concerns(each, algorithm);
    });
    if (flaw != flaws.end()) {
      tell(*flaw, shown);
    } else if (!any) {
      complain(source_ + " has no checksum by " + printable(algorithm) + " for " + shown);
    }
  }
}

void hash_printer::miss(std::string_view name, std::string_view unread) {
  complain(source_ + " has no entry for " + printable(name) +
           (unread.empty() ? std::string()
                           : " where it could be read: " + printable(unread, longest_reason)));
}

void hash_printer::doubt(std::string_view name) {
  complain(source_ + " has several things with the name " + printable(name) +
           ", and different checksums of them, so that it is ambiguous");
}

bool hash_printer::prints(std::string_view algorithm) const {
  return algorithms_.empty() ||
         std::any_of(algorithms_.begin(), algorithms_.end(),
                     [algorithm](const auto& each) { return same_algorithm(each, algorithm); });
}

exit_code hash_printer::finish() const {
  print_result(text_, "the checksums");
  std::cerr << complaints_;
  return complaints_.empty() ? exit_code::good : exit_code::problems;
}

}  // namespace binarly::tools
