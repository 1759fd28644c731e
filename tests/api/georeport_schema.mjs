// What the pages of GeoReport v2 (wiki.open311.org/GeoReport_v2) say of each document's JSON, written
// down from their text: there is no schema of the standard's own to be had. `null` is how the Spark
// convention writes what is empty.
const text = { type: 'string', minLength: 1 };
const text_or_null = { type: ['string', 'null'], minLength: 1 };
// W3C dates with their zone ("2010-01-01T00:00:00Z").
const date = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d)$' };
const degrees = (most) => ({ type: ['number', 'null'], minimum: -most, maximum: most });
const record = (properties, required = Object.keys(properties), rest = {}) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
  ...rest,
});
const list = (items) => ({ type: 'array', items });

export const discovery = record({
  changeset: date,
  contact: text,
  key_service: text,
  endpoints: {
    ...list(
      record({
        specification: { const: 'http://wiki.open311.org/GeoReport_v2' },
        url: { type: 'string', pattern: '^https?://' },
        changeset: date,
        type: { enum: ['production', 'test'] },
        formats: { ...list({ enum: ['text/xml', 'application/json'] }), contains: { const: 'text/xml' } },
      }),
    ),
    minItems: 1,
  },
});

export const services = list(
  record({
    service_code: text,
    service_name: text,
    description: text,
    metadata: { type: 'boolean' },
    type: { enum: ['realtime', 'batch', 'blackbox'] },
    keywords: text_or_null,
    group: text_or_null,
  }),
);

export const definition = record({
  service_code: text,
  attributes: list(
    record(
      {
        variable: { type: 'boolean' },
        code: text,
        datatype: { enum: ['string', 'number', 'datetime', 'text', 'singlevaluelist', 'multivaluelist'] },
        required: { type: 'boolean' },
        datatype_description: text_or_null,
        order: { type: 'integer', minimum: 1 },
        description: text,
        values: { ...list(record({ key: text, name: text })), minItems: 1 },
      },
      ['variable', 'code', 'datatype', 'required', 'datatype_description', 'order', 'description'],
      {
        if: { properties: { datatype: { pattern: 'list$' } } },
        then: { required: ['values'] },
      },
    ),
  ),
});

// A number or a token, never both.
export const created = {
  ...list(
    record({ service_request_id: text, token: text, service_notice: text, account_id: text_or_null }, [], {
      oneOf: [{ required: ['service_request_id'] }, { required: ['token'] }],
    }),
  ),
  minItems: 1,
  maxItems: 1,
};

export const requests = {
  ...list(
    record(
      {
        service_request_id: text,
        status: { enum: ['open', 'closed'] },
        status_notes: text_or_null,
        service_name: text_or_null,
        service_code: text,
        description: { type: ['string', 'null'], minLength: 1, maxLength: 4000 },
        agency_responsible: text_or_null,
        service_notice: text_or_null,
        requested_datetime: date,
        updated_datetime: date,
        expected_datetime: date,
        address: text_or_null,
        address_id: text_or_null,
        zipcode: text_or_null,
        lat: degrees(90),
        long: degrees(180),
        media_url: text_or_null,
      },
      ['service_request_id', 'status', 'service_code', 'requested_datetime', 'updated_datetime'],
    ),
  ),
  maxItems: 1000,
};

export const errors = {
  ...list(record({ code: { type: 'integer', minimum: 400, maximum: 599 }, description: text })),
  minItems: 1,
};
