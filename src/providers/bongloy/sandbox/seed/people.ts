import type { WireCardholder, WireCardIssuer } from '../../wire.ts';

/** The seed's issuer. */
export const DIGITAL_CAMBODIA: WireCardIssuer = {
  id: '2e9bfb60-f5fc-4233-a70e-2eb8c7681c04',
  type: 'card_issuer',
  attributes: {
    created_at: '2020-05-25T05:08:23Z',
    updated_at: '2020-05-25T05:08:23Z',
    identifier: 'digikh',
    name: 'Digital Cambodia',
    code: '204',
    card_artwork: {
      image_front_url:
        'https://cms-sandbox.bongloy.com/assets/card-image-front-d717049cc1122eb2ff08523b55d8831faa737f0c6d7b6993b8c849e9a912e88a.png',
      image_back_url:
        'https://cms-sandbox.bongloy.com/assets/card-image-back-b26a18e711d82d00d642a3d1abc2382a0edb2c994fc15ab6cbc5a182031537b9.png',
    },
  },
  relationships: undefined,
};

/** A made-up issuer for the samples whose account identifiers begin with another code. */
export function issuer(code: string): WireCardIssuer {
  const attributes = {
    ...DIGITAL_CAMBODIA.attributes,
    identifier: `issuer${code}`,
    name: `Issuer ${code}`,
    code,
  };
  return { ...DIGITAL_CAMBODIA, id: `155e0000-0000-4000-8000-000000000${code}`, attributes };
}

/** The seed's cardholder. */
export const META_KANHA: WireCardholder = {
  id: '1bac7f07-8acb-43a6-bcca-ec9637eb0135',
  type: 'cardholder',
  attributes: {
    created_at: '2020-05-25T05:08:23Z',
    updated_at: '2020-05-25T05:08:23Z',
    name: 'Meta Kanha',
    phone_number: '855715100860',
    email: null,
    type: 'individual',
    status: 'active',
    additional_details: { name_km: 'មេត្តា កញ្ញា', member_id: 'P01-123456', member_since: '2019' },
    metadata: {},
    individual: {
      address: '#87, Street 63 (Trasak Paem), Sangkat Boeung Raing, Khan Daun Penh, Phnom Penh, Cambodia',
      date_of_birth: '2002-05-25',
      identity_document_number: 'A123456789',
      identity_document_type: 'id_card',
    },
  },
  relationships: undefined,
};

/** A made-up cardholder with everything but name and phone like the seed's. `phone` is digits without `+`. */
export function person(id: string, name: string, nameKm: string, phone: string): WireCardholder {
  const details = { ...META_KANHA.attributes.additional_details, name_km: nameKm };
  const attributes = { ...META_KANHA.attributes, name, phone_number: phone, additional_details: details };
  return { ...META_KANHA, id, attributes };
}
