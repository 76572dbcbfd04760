// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/check_manifest.hpp"

#include "tools/exit_code.hpp"
#include "tools/manifest_feed.hpp"
#include "tools/text.hpp"
#include "tools/ulid_note.hpp"
#include "tools/usable_row.hpp"

#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>

namespace binarly::tools {

int check_manifest(const verify_arguments& arguments, const shard& part) {
  constexpr std::uint64_t most_shown = 10;
  manifest_feed feed(arguments.manifest, arguments.rows);
  std::uint64_t rows = 0;
  std::uint64_t taken = 0;
  std::uint64_t bad = 0;
  std::uint64_t odd = 0;
  const auto note = [&](const manifest_row& row, const char* what, text_position at,
                        const std::string& id) {
    const auto why = ulid_note(id);
    if (why.empty() || ++odd > most_shown) return;
    std::cerr << "binarly-images: note: " << feed.name() << ", " << to_string(at) << ": the "
              << what << " id " << printable(id) << ' ' << why << " (row " << grouped(row.row)
              << ")\n";
  };
  while (!feed.ended()) {
    feed.read();
    while (const auto row = feed.take()) {
      ++rows;
      if (!part.takes(row->image_id)) continue;
      ++taken;
      const auto ref = usable(*row);
      std::string trouble = ref ? std::string() : ref.error();
      if (ref) {
        // Of a resource name, the place is that of the name.
        note(*row, "product", row->product_id.empty() ? row->image_id_at : row->product_id_at,
             ref->product_id());
        note(*row, "image", row->image_id_at, ref->image_id());
      }
      std::error_code unknown;
      if (trouble.empty() && row->file && !std::filesystem::is_regular_file(*row->file, unknown)) {
        trouble = to_string(row->file_at) + ": the file " + printable(*row->file) +
                  " is not there, or no regular file";
      }
      if (trouble.empty() || ++bad > most_shown) continue;
      std::cerr << "binarly-images: " << feed.name() << ", " << trouble << " (row "
                << grouped(row->row) << ")\n";
    }
  }
  if (!feed.error().empty()) throw command_error(exit_code::usage, feed.error());
  if (bad > most_shown) {
    std::cerr << "binarly-images: and " << grouped(bad - most_shown) << " more rows\n";
  }
  if (odd > most_shown) {
    std::cerr << "binarly-images: note: and " << grouped(odd - most_shown)
              << " more ids that look like ULIDs gone wrong\n";
  }
  if (!arguments.quiet) {
    if (const auto ignored = feed.ignored(); !ignored.empty()) {
      std::cerr << "binarly-images: " << ignored << '\n';
    }
    std::cout << grouped(rows) << " uploads";
    if (part.count > 1) std::cout << ", " << grouped(taken) << " of them this shard's";
    std::cout << "; " << (bad == 0 ? "all rows" : grouped(taken - bad) + " rows")
              << " can be used; nothing was looked up\n";
  }
  return static_cast<int>(bad == 0 ? exit_code::good : exit_code::usage);
}

}  // namespace binarly::tools
