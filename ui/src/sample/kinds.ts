/**
 * What in the sample library is not a plain photo: videos, live photos, a video still being
 * converted, one file that cannot be previewed, and one photo that says much about itself.
 */
import type { Asset } from '../bindings/Asset';
import { painted, type SamplePicture } from './pictures';
import sunset from './sunset.webm?url';

/** What every sample video plays: a painted sun that goes down and comes up again, 4 seconds. */
export const film = sunset;
/** The painting that the film begins with. */
const poster = 105;
/** Numbers whose painting has a video's shape. */
const posters = [poster, 50, 14, 184, 289, 82, 123];
const lengths = [4_008, 14_200, 61_000, 8_300, 3_723_000, 27_400, 0];

/** What took the sample's photos: make, model, lens, aperture and focal length. */
export const cameras = [
  ['Apple', 'iPhone 15 Pro', 'iPhone 15 Pro back camera 6.86mm f/1.78', 1.78, 6.86],
  ['FUJIFILM', 'X-T5', 'XF35mmF1.4 R', 2.8, 35],
  ['SONY', 'ILCE-7M4', 'FE 24-70mm F2.8 GM II', 4, 50],
] as const;

type Variation = Partial<Asset> & { picture?: SamplePicture };

function video(number: number): Variation {
  const nth = Math.floor(number / 13);
  return {
    picture: painted(posters[nth % posters.length]),
    kind: 'video',
    name: `IMG_${1200 + number}.MOV`,
    mime: nth % 3 === 2 ? 'video/mp4' : 'video/quicktime',
    bytes: 4_000_000 + (lengths[nth % lengths.length] / 1000) * 1_900_000,
    width: 3840,
    height: 2160,
    duration_ms: lengths[nth % lengths.length] || null,
    taken_from: 'quicktime',
    lens: null,
    f_number: null,
    exposure_time: null,
    iso: null,
    focal_length: null,
  };
}

/** How the photo of this number differs from a plain one. */
export function varied(number: number): Variation {
  if (number === 6)
    return {
      title: 'Last light over the ridge',
      description: 'Jonas carried the tripod all the way up, and then we did not need it.',
      tags: ['mountains', 'evening', 'Dolomites', 'with Jonas'],
      rating: 4,
      taken_from: 'gps',
      latitude: 46.5412,
      longitude: 12.1359,
      altitude: 1_224,
      place: 'Cortina d’Ampezzo, Veneto, Italy',
    };
  if (number === 8)
    return {
      name: 'DSC04711.CR3',
      mime: 'image/x-canon-cr3',
      bytes: 31_400_000,
      width: 6000,
      height: 4000,
      unseen:
        'The file ends in the middle of the picture, and there is no preview inside it. ' +
        'Copy it again from the card if you still have it.',
    };
  if (number % 13 === 3) return video(number);
  if (number % 7 === 5)
    return { motion: `motion-${number}`, name: `IMG_${1200 + number}.HEIC`, mime: 'image/heic' };
  return {};
}

/** The second video is still being converted. */
export function converting(asset: Asset): boolean {
  return asset.kind === 'video' && asset.duration_ms === lengths[1];
}
