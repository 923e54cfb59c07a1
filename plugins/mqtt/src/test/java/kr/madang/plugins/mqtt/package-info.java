@NullMarked
package kr.madang.plugins.mqtt;

import org.jspecify.annotations.NullMarked;
