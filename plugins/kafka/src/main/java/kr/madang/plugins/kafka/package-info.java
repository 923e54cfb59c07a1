/** Apache Kafka: topics that are read in a group, and rows that are written in transactions. */
@NullMarked
package kr.madang.plugins.kafka;

import org.jspecify.annotations.NullMarked;
