/** Tests of the files plugin. */
package kr.madang.plugins.files;
