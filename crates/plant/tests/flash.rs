//! The flash on a controller's board: what it holds, what breaks it, and what a cut of its supply leaves.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use embedded_storage_async::nor_flash::{NorFlash, ReadNorFlash};
use voltower_plant::{Fault, Flash, FlashDefect, FlashError, Tower, TowerParameters, TowerSetup};

/// The simulated flash answers at once.
fn now<T>(operation: impl Future<Output = T>) -> T {
    match pin!(operation).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("pending"),
    }
}

fn read<const N: usize>(flash: &mut Flash, at: u32) -> [u8; N] {
    let mut bytes = [0; N];
    now(flash.read(at, &mut bytes)).expect("there is such an address");
    bytes
}

#[test]
fn programming_clears_bits_and_erasing_sets_those_of_a_page() {
    let mut flash = Flash::new(1);
    assert_eq!(flash.capacity(), 256 * 1024);
    assert_eq!(read(&mut flash, 4094), [0xFF; 4]);
    now(flash.write(4094, &[0x0F; 4])).expect("programmed");
    now(flash.write(4095, &[0xF1; 2])).expect("programmed");
    assert_eq!(read(&mut flash, 4094), [0x0F, 0x01, 0x01, 0x0F]);
    now(flash.erase(0, 4096)).expect("erased");
    assert_eq!(read(&mut flash, 4094), [0xFF, 0xFF, 0x01, 0x0F]);
    assert_eq!(flash.erases()[..3], [1, 0, 0]);
    assert_eq!(now(flash.erase(1, 4096)), Err(FlashError::NotAligned));
    assert_eq!(now(flash.write(256 * 1024, &[0])), Err(FlashError::OutOfBounds));
}

#[test]
fn a_write_that_is_cut_changes_only_bits_that_it_would_have_cleared() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..100 {
        let mut flash = Flash::new(seed);
        now(flash.write(0, &[0xF0; 8])).expect("programmed");
        flash.cut_after(1);
        assert_eq!(now(flash.write(0, &[0x3C; 8])), Err(FlashError::NoSupply));
        assert_eq!(now(flash.read(0, &mut [0])), Err(FlashError::NoSupply), "it stays dead");
        flash.power_on();
        let bytes: [u8; 8] = read(&mut flash, 0);
        assert!(bytes.iter().all(|byte| byte & 0x30 == 0x30 && byte & 0x0F == 0), "{bytes:02x?}");
        assert_eq!(read(&mut flash, 8), [0xFF; 8]);
        seen.insert(bytes);
    }
    assert!(seen.contains(&[0xF0; 8]) && seen.contains(&[0x30; 8]) && seen.len() > 20, "all ways of tearing");
}

#[test]
fn an_erase_that_is_cut_leaves_its_page_in_any_state_and_the_others_alone() {
    let (mut mixed, mut kept) = (0, 0);
    for seed in 0..100 {
        let mut flash = Flash::new(seed);
        (0..3).for_each(|page| now(flash.write(page * 4096, &[0; 64])).expect("programmed"));
        flash.cut_after(1);
        assert_eq!(now(flash.erase(4096, 8192)), Err(FlashError::NoSupply));
        flash.power_on();
        assert_eq!((read(&mut flash, 0), read(&mut flash, 8192)), ([0; 64], [0; 64]));
        let page: [u8; 64] = read(&mut flash, 4096);
        kept += u32::from(page == [0; 64]);
        mixed += u32::from(page != [0; 64] && page != [0xFF; 64]);
    }
    assert!(mixed > 20 && kept > 5, "{mixed} mixed, {kept} kept");
}

#[test]
fn a_page_wears_out_and_the_chip_does_not_notice() {
    let mut flash = Flash::with_pages(2, 1);
    for _ in 0..=Flash::ENDURANCE {
        now(flash.erase(0, 4096)).expect("erased");
    }
    now(flash.write(0, &[0; 4096])).expect("it reports nothing");
    now(flash.write(4096, &[0; 4096])).expect("programmed");
    let (worn, sound): ([u8; 4096], [u8; 4096]) = (read(&mut flash, 0), read(&mut flash, 4096));
    assert_eq!(sound, [0; 4096]);
    let left: u32 = worn.iter().map(|byte| byte.count_ones()).sum();
    assert!((350..700).contains(&left), "about one in 64 bits of 32768: {left}");
}

#[test]
fn defects_sit_in_the_flash_that_is_named_and_can_be_repaired() {
    let setup = TowerSetup { modules: vec![Default::default(); 2], ambient: 25.0, seed: 3 };
    let mut tower = Tower::new(&TowerParameters::default(), &setup);
    let cut = Fault::Flash { module: Some(1), defect: FlashDefect::Cut { after: 2 } };
    let stuck = Fault::Flash { module: None, defect: FlashDefect::EraseFails };
    tower.inject(cut);
    tower.inject(stuck);
    let [first, second] = [0, 1].map(|module| {
        let flash = tower.module_flash_mut(module).expect("a module");
        [0, 64].map(|at| now(flash.write(at, &[0x55; 64])))
    });
    assert_eq!(first, [Ok(()), Ok(())]);
    assert_eq!(second, [Ok(()), Err(FlashError::NoSupply)]);
    assert_eq!(now(tower.bdu_flash_mut().erase(0, 4096)), Err(FlashError::EraseFailed));
    tower.repair(cut);
    tower.repair(stuck);
    assert_eq!(now(tower.bdu_flash_mut().erase(0, 4096)), Ok(()));
    let flash = tower.module_flash_mut(1).expect("a module");
    assert_eq!(read(flash, 0), [0x55; 64]);
    let before = flash.clone();
    tower.inject(Fault::Flash { module: Some(1), defect: FlashDefect::BitRot { bits: 5 } });
    let flash = tower.module_flash_mut(1).expect("a module");
    let pages: [[u8; 4096]; 2] = [read(&mut before.clone(), 0), read(flash, 0)];
    let flipped: u32 = pages[0].iter().zip(pages[1]).map(|(one, other)| (one ^ other).count_ones()).sum();
    assert_eq!(flipped, 5);
}
