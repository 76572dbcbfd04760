// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_DOMAIN_IMAGE_TEXT_HPP
#define BINARLY_TESTS_DOMAIN_IMAGE_TEXT_HPP

#include "domain/image_reader.hpp"

#include <binarly/image.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace binarly::test {

/// Every member of an image in one text, for comparing two of them or one with what is expected.
class image_text {
 public:
  explicit image_text(const image& value) {
    add("id", value.id);
    add("name", value.name);
    add("version", value.version);
    add("time", value.create_time);
    add("author", value.author);
    add("parent", value.parent);
    if (value.is_archived) add("archived", *value.is_archived ? "yes" : "no");
    for (const image_file& file : value.files) {
      text_ += "file(";
      add("id", file.id);
      add("time", file.create_time);
      add("author", file.author);
      add("filename", file.filename);
      if (file.is_attachment) add("attachment", "yes");
      add("url", file.download_url);
      add("parent", file.parent);
      add("metadata", file.metadata);
      text_ += ") ";
    }
    for (const binarly::scan& scan : value.scans)
      add("scan", scan);
    if (value.latest_scan) add("latest", *value.latest_scan);
    if (value.counts) {
      text_ += "counts(";
      for (const auto& [name, number] : value.counts->by_name)
        add(name, std::to_string(number));
      add("types", value.counts->finding_type_counts);
      text_ += ") ";
    }
  }

  [[nodiscard]] const std::string& str() const noexcept { return text_; }

 private:
  void add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    text_ += std::string(name) + "=" + std::string(value) + " ";
  }
  void add(std::string_view name, const timestamp& value) {
    const auto count = value.time.time_since_epoch().count();
    if (!value.known && value.text.empty() && count == 0) return;
    add(name, value.text + "/" + (value.known ? std::to_string(count) : "unknown"));
  }
  void add(std::string_view name, const std::optional<timestamp>& value) {
    if (value) add(name, *value);
  }
  void add(std::string_view name, const author& value) {
    text_ += std::string(name) + "(";
    add("text", value.text);
    add("user", value.user_id);
    add("id", value.id);
    add("email", value.email);
    add("time", value.create_time);
    add("status", value.status);
    add("type", value.resource_type);
    text_ += ") ";
  }
  void add(std::string_view name, const scan& value) {
    text_ += std::string(name) + "(";
    add("id", value.id);
    add("time", value.create_time);
    add("author", value.author);
    add("parent", value.parent);
    if (value.latest_state) {
      text_ += "state(";
      add("id", value.latest_state->id);
      add("type", value.latest_state->type);
      add("progress", std::to_string(static_cast<int>(value.latest_state->progress)));
      add("time", value.latest_state->create_time);
      text_ += ") ";
    }
    text_ += ") ";
  }

  std::string text_;
};

/// The reader's whole outcome for a body that comes in pieces: the image or the reason.
template <class Pieces>
std::string read_text(const Pieces& pieces) {
  domain::image_reader reader;
  for (const std::string_view piece : pieces)
    reader.write(piece);
  const auto read = reader.finish();
  return read ? image_text(*read).str() : "FAILED " + read.error().detail().reason;
}

}  // namespace binarly::test

#endif
