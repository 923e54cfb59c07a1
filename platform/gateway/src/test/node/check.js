// Stubs made by another code base from the protocol's own file: node check.js ADDRESS TOKEN PROTO
const assert = require('node:assert');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [address, token, proto] = process.argv.slice(2);
const { inference } = grpc.loadPackageDefinition(
  loader.loadSync(proto, { keepCase: true, longs: String, enums: String, defaults: true })
);
const client = new inference.GRPCInferenceService(address, grpc.credentials.createInsecure());
const metadata = new grpc.Metadata();
metadata.set('authorization', 'Bearer ' + token);

function call(method, request, meta = metadata) {
  return new Promise((resolve, reject) =>
    client[method](request, meta, { deadline: Date.now() + 30000 }, (error, answer) =>
      error ? reject(error) : resolve(answer)
    )
  );
}

async function refused(method, request, code, text, meta) {
  await assert.rejects(call(method, request, meta), (error) => {
    assert.strictEqual(error.code, code, error.message);
    assert.match(error.details, text);
    return true;
  });
  assert.strictEqual((await call('ServerLive', {})).live, true);
}

const input = (datatype, shape, contents) => ({ name: 'x', datatype, shape, contents });
const infer = (model, tensor, more = {}) =>
  call('ModelInfer', { model_name: model, inputs: [tensor], ...more });

async function main() {
  const S = grpc.status;
  // C1, C2
  assert.strictEqual((await call('ServerLive', {}, new grpc.Metadata())).live, true);
  assert.strictEqual((await call('ServerReady', {})).ready, true);
  const server = await call('ServerMetadata', {});
  assert.strictEqual(server.name, 'madang');
  assert.deepStrictEqual(server.extensions.slice().sort(), [
    'classification',
    'model_configuration',
    'model_repository',
    'schedule_policy',
    'statistics',
  ]);
  // C3
  await refused('ModelInfer', { model_name: 'nobody' }, S.NOT_FOUND, /nobody/);
  await refused('ModelMetadata', { name: 'pair', version: '9.9.9' }, S.NOT_FOUND, /9\.9\.9/);
  await refused(
    'ModelInfer',
    { model_name: 'pair', model_version: '9.9.9' },
    S.NOT_FOUND,
    /9\.9\.9.*1\.2\.0/
  );
  await refused('ModelStatistics', { name: 'nobody' }, S.NOT_FOUND, /nobody/);
  await refused('ServerReady', {}, S.UNAUTHENTICATED, /token/, new grpc.Metadata());
  // C4
  const pair = await call('ModelMetadata', { name: 'pair' });
  assert.deepStrictEqual(pair.inputs.map((one) => one.name), ['a', 'b']);
  assert.deepStrictEqual(pair.inputs[0].shape, ['-1', '2']);
  assert.strictEqual(pair.inputs[0].datatype, 'FP32');
  assert.deepStrictEqual(pair.versions, ['1.0.0', '1.2.0']);
  const kinds = {
    bool: 'BOOL',
    uint8: 'UINT8',
    int8: 'INT8',
    int16: 'INT16',
    int32: 'INT32',
    int64: 'INT64',
    float16: 'FP16',
    bfloat16: 'BF16',
    float32: 'FP32',
    float64: 'FP64',
    string: 'BYTES',
  };
  for (const [model, datatype] of Object.entries(kinds)) {
    const known = await call('ModelMetadata', { name: 'echo-' + model, version: '1.0.0' });
    assert.strictEqual(known.inputs[0].datatype, datatype);
    const { config } = await call('ModelConfig', { name: 'echo-' + model });
    const type = 'TYPE_' + (datatype === 'BYTES' ? 'STRING' : datatype);
    assert.strictEqual(config.input[0].data_type, type);
    assert.deepStrictEqual(config.output[0].dims, ['-1', '3']);
  }
  // C5, C6
  const ab = ['a', 'b'].map((name, i) => ({
    name,
    datatype: 'FP32',
    shape: [1, 2],
    contents: { fp32_contents: [5 + i, 7 + i] },
  }));
  const both = await call('ModelInfer', { model_name: 'pair', id: 'me', inputs: ab });
  assert.strictEqual(both.id, 'me');
  assert.strictEqual(both.model_version, '1.2.0');
  assert.deepStrictEqual(both.outputs.map((one) => one.name), ['sum', 'difference']);
  assert.deepStrictEqual(both.outputs[0].contents.fp32_contents, [11, 15]);
  const anonymous = await call('ModelInfer', { model_name: 'pair', inputs: ab });
  assert.strictEqual(anonymous.id, '');
  await refused(
    'ModelInfer',
    { model_name: 'pair', inputs: ab, outputs: [{ name: 'sum' }, { name: 'sum' }] },
    S.INVALID_ARGUMENT,
    /'sum' is asked for twice/
  );
  const some = await call('ModelInfer', {
    model_name: 'pair',
    inputs: ab.slice().reverse(),
    outputs: [{ name: 'difference' }, { name: 'sum' }],
  });
  assert.deepStrictEqual(some.outputs.map((one) => one.name), ['difference', 'sum']);
  await refused(
    'ModelInfer',
    { model_name: 'pair', inputs: ab, outputs: [{ name: 'no' }] },
    S.INVALID_ARGUMENT,
    /no output 'no'/
  );
  // C7, C9, C10: every type in its own field, exact to the last bit
  const typed = [
    ['bool', 'BOOL', 'bool_contents', [true, false, true]],
    ['uint8', 'UINT8', 'uint_contents', [0, 200, 255]],
    ['int8', 'INT8', 'int_contents', [-128, 0, 127]],
    ['int16', 'INT16', 'int_contents', [-32768, 0, 32767]],
    ['int32', 'INT32', 'int_contents', [-2147483648, 0, 2147483647]],
    ['int64', 'INT64', 'int64_contents', ['-9223372036854775808', '0', '9223372036854775807']],
    ['float32', 'FP32', 'fp32_contents', [-0.5, 0, 3.25]],
    ['float64', 'FP64', 'fp64_contents', [-0.1, 1e300, 5e-324]],
  ];
  for (const [model, datatype, field, values] of typed) {
    const answer = await infer('echo-' + model, input(datatype, [1, 3], { [field]: values }));
    assert.deepStrictEqual(answer.outputs[0].contents[field], values, datatype);
    assert.strictEqual(answer.outputs[0].datatype, datatype);
    assert.deepStrictEqual(answer.raw_output_contents, []);
  }
  const texts = ['', '한글', 'a\0b'].map((text) => Buffer.from(text));
  const echoed = await infer('echo-string', input('BYTES', [1, 3], { bytes_contents: texts }));
  assert.deepStrictEqual(echoed.outputs[0].contents.bytes_contents, texts);
  for (const [type, field, value] of [
    ['uint16', 'uint_contents', 65535],
    ['uint32', 'uint_contents', 4294967295],
    ['uint64', 'uint64_contents', '18446744073709551615'],
  ]) {
    const wide = await infer('to-' + type, input('INT64', [1, 3], { int64_contents: [-1, 0, 1] }));
    assert.deepStrictEqual(wide.outputs[0].contents[field][0], value, type);
  }
  // C7 raw, the 16-bit floats too
  const sizes = { bool: 1, uint8: 1, int8: 1, int16: 2, float16: 2, bfloat16: 2 };
  Object.assign(sizes, { int32: 4, float32: 4, int64: 8, float64: 8 });
  for (const [model, size] of Object.entries(sizes)) {
    const datatype = kinds[model];
    const bytes = Buffer.from(Array.from({ length: 3 * size }, (_, i) => (size === 1 ? i % 2 : (i * 7) % 60)));
    const raw = await infer('echo-' + model, input(datatype, [1, 3]), {
      raw_input_contents: [bytes],
    });
    assert.deepStrictEqual(raw.raw_output_contents, [bytes], datatype);
  }
  await refused(
    'ModelInfer',
    {
      model_name: 'echo-float16',
      inputs: [input('FP16', [1, 3], { fp32_contents: [1, 2, 3] })],
    },
    S.INVALID_ARGUMENT,
    /raw_input_contents only/
  );
  const packed = (...all) =>
    Buffer.concat(
      all.flatMap((text) => {
        const length = Buffer.alloc(4);
        length.writeInt32LE(Buffer.byteLength(text));
        return [length, Buffer.from(text)];
      })
    );
  const rawTexts = await infer('echo-string', input('BYTES', [1, 3]), {
    raw_input_contents: [packed('', '한글', 'a\0b')],
  });
  assert.deepStrictEqual(rawTexts.raw_output_contents, [packed('', '한글', 'a\0b')]);
  for (const wrong of [packed('a', 'b'), packed('a', 'b', 'c').subarray(0, 13)]) {
    await refused(
      'ModelInfer',
      {
        model_name: 'echo-string',
        inputs: [input('BYTES', [1, 3])],
        raw_input_contents: [wrong],
      },
      S.INVALID_ARGUMENT,
      /'x'/
    );
  }
  // C11
  const scalar = await infer('scalar', input('FP64', [], { fp64_contents: [2.5] }));
  assert.deepStrictEqual(scalar.outputs[0].shape, []);
  assert.deepStrictEqual(scalar.outputs[0].contents.fp64_contents, [2.5]);
  const none = await infer('echo-float32', input('FP32', [0, 3], {}));
  assert.deepStrictEqual(none.outputs[0].shape, ['0', '3']);
  // C13
  const three = Buffer.alloc(12);
  await refused(
    'ModelInfer',
    {
      model_name: 'echo-float32',
      inputs: [input('FP32', [1, 3])],
      raw_input_contents: [three, three],
    },
    S.INVALID_ARGUMENT,
    /expected one for each of the 1 inputs, got 2/
  );
  await refused(
    'ModelInfer',
    {
      model_name: 'echo-float32',
      inputs: [input('FP32', [1, 3], { fp32_contents: [1, 2, 3] })],
      raw_input_contents: [three],
    },
    S.INVALID_ARGUMENT,
    /got both/
  );
  await refused(
    'ModelInfer',
    {
      model_name: 'echo-float32',
      inputs: [input('FP32', [1, 3])],
      raw_input_contents: [Buffer.alloc(13)],
    },
    S.INVALID_ARGUMENT,
    /takes 12 bytes, got 13/
  );
  // C14, and shapes that lie
  for (const inputs of [ab.concat(ab[0]), ab.concat({ ...ab[0], name: 'c' })]) {
    await refused(
      'ModelInfer',
      { model_name: 'pair', inputs },
      S.INVALID_ARGUMENT,
      /given twice|got \[a, b, c\]/
    );
  }
  for (const [tensor, text] of [
    [input('FP32', [1, 3], { fp32_contents: [1, 2] }), /takes 12 bytes, got 8/],
    [input('FP32', [1, 4], { fp32_contents: [1, 2, 3, 4] }), /expected shape \[n, 3\], got/],
    [input('FP32', [-1, 3], { fp32_contents: [] }), /expected shape/],
    [input('FP32', ['4611686018427387904', 3], { fp32_contents: [1] }), /too large|too many/],
    [input('FP64', [1, 3], { fp64_contents: [1, 2, 3] }), /expected type float32, got float64/],
    [input('FP32', [1, 3], { int_contents: [1, 2, 3] }), /expected its FP32 in field 6/],
    [input('FP23', [1, 3], {}), /got 'FP23'/],
  ]) {
    await refused(
      'ModelInfer',
      { model_name: 'echo-float32', inputs: [tensor] },
      S.INVALID_ARGUMENT,
      text
    );
  }
  await refused(
    'ModelInfer',
    { model_name: 'pair', inputs: ab.slice(0, 1) },
    S.INVALID_ARGUMENT,
    /missing \[b\]/
  );
  await refused(
    'ModelInfer',
    {
      model_name: 'echo-int8',
      inputs: [input('INT8', [1, 3], { int_contents: [1, 2, 300] })],
    },
    S.INVALID_ARGUMENT,
    /expected INT8, got 300/
  );
  // C16
  const index = await call('RepositoryIndex', {});
  assert.ok(index.models.some((one) => one.name === 'broken' && one.state === 'UNAVAILABLE'));
  await call('RepositoryModelUnload', { model_name: 'cube' });
  assert.strictEqual((await call('ModelReady', { name: 'cube' })).ready, false);
  await call('RepositoryModelLoad', { model_name: 'cube' });
  assert.strictEqual((await call('ModelReady', { name: 'cube' })).ready, true);
  await assert.rejects(call('RepositoryModelLoad', { model_name: 'broken' }));
  await refused(
    'RepositoryModelLoad',
    { model_name: 'cube', parameters: { config: { string_param: '{}' } } },
    S.INVALID_ARGUMENT,
    /'config' is not offered/
  );
  assert.strictEqual((await call('ModelInfer', { model_name: 'pair', inputs: ab })).id, '');
  // classification
  const best = (name, parameters) =>
    call('ModelInfer', {
      model_name: 'echo-float32',
      inputs: [input('FP32', [2, 3], { fp32_contents: [0.5, 2, -1, 7, 7, 8] })],
      outputs: [{ name, parameters }],
    });
  const top = await best('y', { classification: { int64_param: 2 } });
  assert.strictEqual(top.outputs[0].datatype, 'BYTES');
  assert.deepStrictEqual(top.outputs[0].shape, ['2', '2']);
  assert.deepStrictEqual(top.outputs[0].contents.bytes_contents.map(String), [
    '2.0:1',
    '0.5:0',
    '8.0:2',
    '7.0:0',
  ]);
  await assert.rejects(best('y', { classification: { int64_param: 0 } }), /from 1 to 1000/);
  // C17
  await infer('list', input('FP32', [5], { fp32_contents: [1, 2, 3, 4, 5] }));
  const stats = (await call('ModelStatistics', { name: 'list' })).model_stats[0];
  assert.strictEqual(stats.inference_count, '5');
  assert.strictEqual(stats.inference_stats.success.count, '1');
  // trace, where spans go nowhere
  const { settings } = await call('TraceSetting', { model_name: 'list' });
  assert.deepStrictEqual(settings.trace_level.value, ['OFF']);
  const level = (value) => ({ settings: { trace_level: { value } } });
  await refused('TraceSetting', level(['TENSORS']), S.INVALID_ARGUMENT, /trace_level.*TENSORS/);
  // C18: the queue's limit in microseconds
  await refused(
    'ModelInfer',
    {
      model_name: 'slow',
      parameters: { timeout: { int64_param: 30000 } },
      inputs: [input('FP32', [500, 512], { fp32_contents: Array(500 * 512).fill(1) })],
    },
    S.DEADLINE_EXCEEDED,
    /deadline/
  );
  // streaming as Triton does it: errors come within the stream
  const answers = await new Promise((resolve, reject) => {
    const got = [];
    const stream = client.ModelStreamInfer(metadata);
    stream.on('data', (one) => got.push(one));
    stream.on('error', reject);
    stream.on('end', () => resolve(got));
    for (let i = 0; i < 50; i++) {
      const values = i === 20 ? [1] : [i, i, i];
      stream.write({
        model_name: 'echo-float32',
        id: String(i),
        inputs: [input('FP32', [1, 3], { fp32_contents: values })],
      });
    }
    stream.end();
  });
  assert.strictEqual(answers.length, 50);
  assert.match(answers[20].error_message, /takes 12 bytes/);
  assert.strictEqual(answers[49].infer_response.id, '49');
  assert.deepStrictEqual(answers[49].infer_response.outputs[0].contents.fp32_contents, [49, 49, 49]);
  client.close();
  console.log('all is well');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
