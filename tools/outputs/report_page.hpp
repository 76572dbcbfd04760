// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_OUTPUTS_REPORT_PAGE_HPP
#define BINARLY_TOOLS_OUTPUTS_REPORT_PAGE_HPP

#include "tools/outputs/output.hpp"

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace binarly::tools {

/// `--report`: a run as one page of HTML that needs nothing but itself. A browser runs no script
/// and loads no style in it but the page's own, whose hashes it states, and asks no network for
/// anything. Without scripts only the search and the choice of colours are missing.
///
/// The page stays below a megabyte however long the run was: it shows the first problem rows, and
/// says how many more there are.
///
/// The stream must outlive it; whoever owns the stream looks whether all was written.
class report_page final : public output {
 public:
  static constexpr std::size_t rows_kept = 2000;
  /// No row is begun beyond so many bytes of the page.
  static constexpr std::size_t bytes_kept = 900'000;

  /// `journal`: the name of the file that holds all rows; empty if there is none to point to.
  report_page(std::ostream& out, std::string journal);
  void begin(const tally& whole) override;
  void add(const journal_entry& row) override;
  void end() override;

 private:
  void write(std::string_view text);
  /// Writes the template up to the place of that name, or to its end.
  void write_until(std::string_view place);

  std::ostream& out_;
  std::string journal_;
  std::string_view rest_;  ///< of the template
  std::uint64_t shown_ = 0;
  std::uint64_t left_out_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace binarly::tools

#endif
